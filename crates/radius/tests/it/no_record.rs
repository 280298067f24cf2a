//! Bodies without a record: no answer at all, an error, an empty success, a refusal.

use radius_api::{Answer, Body, Error, Position, ProviderText, Reading, bvn, read};

use crate::reading::envelope;

#[test]
fn bodies_that_are_no_answer_at_all() {
    let rows: [(&[u8], Body); 9] = [
        (b"", Body::Empty),
        (b" \r\n", Body::Empty),
        (b"null", Body::Empty),
        (b"{ }", Body::Empty),
        (b"[]", Body::Empty),
        (b"<!DOCTYPE html><title>Ada</title>", Body::Page),
        (b"<h1>Scheduled maintenance</h1>", Body::Page),
        (b"OK", Body::Text),
        (b"Service temporarily unavailable", Body::Text),
    ];
    for (bytes, is) in rows {
        let error = read::<bvn::Data>(bytes, &Reading::default()).unwrap_err();
        let Error::NoAnswer { body } = error else {
            panic!("{}: {error}", bytes.escape_ascii());
        };
        assert_eq!(body, is, "{}", bytes.escape_ascii());
    }
}

#[test]
fn bodies_that_are_no_json() {
    let whole = envelope(r#"{"profile":{"first_name":"Ada"}}"#);
    let latin1 = [&b"{\"status\":\""[..], b"\xE9", b"\"}"].concat();
    let rows: [(&[u8], bool); 5] = [
        (whole.as_bytes().split_last().unwrap().1, true),
        (&whole.as_bytes()[..40], true),
        (b"{\"status\":success}", false),
        (b"{\"status\":\"error\"} {}", false),
        (&latin1, false),
    ];
    for (body, expected) in rows {
        let error = read::<bvn::Data>(body, &Reading::default()).unwrap_err();
        let Error::NotJson { truncated, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(truncated, expected, "{}", body.escape_ascii());
    }
}

#[test]
fn a_fault_names_its_place_and_nothing_of_the_body() {
    // Not even a digest of the body: it would tell which number a short body repeats.
    for number in ["22200000001", "22200000002"] {
        let body = format!("{{\"status\":\"success\",\n\"data\":?{number}}}");
        let error = read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap_err();
        let at = Position { line: 2, column: 8 };
        assert!(
            matches!(&error, Error::NotJson { at: found, .. } if *found == at),
            "{error}"
        );
        let told = "Radius' answer is not JSON at 2:8 (truncated: false)";
        assert_eq!(error.to_string(), told);
    }
}

#[test]
fn success_without_a_record_is_empty() {
    let groups = r#"{"profile":{"first_name":" "},"identity":[],"contact":null,"origin":""}"#;
    let datas = [
        "null".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#""""#.to_owned(),
        r#"{"type":"response"}"#.to_owned(),
        r#"{"type":"response","data":null}"#.to_owned(),
        r#"{"type":"response","data":{}}"#.to_owned(),
        r#"{"type":"response","data":[]}"#.to_owned(),
        format!(r#"{{"type":"response","data":{groups}}}"#),
    ];
    for data in datas {
        let body =
            format!(r#"{{"status":"Success","data":{data},"message":"BVN 22212345678 unknown"}}"#);
        let Answer::Empty { message } =
            read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(message.unwrap().as_str(), "BVN *********** unknown");
    }
}

/// Returns the result of reading a body, in a word.
fn shape(body: &str) -> &'static str {
    match read::<bvn::Data>(body.as_bytes(), &Reading::default()) {
        Ok(Answer::Found(_)) => "found",
        Ok(Answer::Empty { .. }) => "empty",
        Ok(Answer::Silent { .. }) => "silent",
        Ok(Answer::Refused { .. }) => "refused",
        Err(Error::WrongShape { .. }) => "wrong shape",
        Err(Error::NotJson {
            truncated: true, ..
        }) => "cut",
        Err(Error::NotJson { .. }) => "no JSON",
        Err(Error::NoAnswer { .. }) => "no answer",
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn absence_is_believed_only_where_the_record_would_stand() {
    let ada = r#""profile":{"first_name":"Ada"}"#;
    for (body, is) in [
        // The answer says nothing about a record.
        (
            r#"{"status":"success","message":null}"#.to_owned(),
            "silent",
        ),
        (
            r#"{"status":"ok","message":"API is running"}"#.to_owned(),
            "silent",
        ),
        (
            r#"{"status":200,"message":"Welcome","version":"1.2"}"#.to_owned(),
            "silent",
        ),
        // The record is under another name.
        (
            format!(r#"{{"status":"success","message":"OK","result":{{{ada}}}}}"#),
            "wrong shape",
        ),
        (
            format!(r#"{{"status":"success","data":null,"result":[{{{ada}}}]}}"#),
            "wrong shape",
        ),
        (
            format!(
                r#"{{"status":"success","data":{{"type":"response","data":null,"record":{{{ada}}}}}}}"#
            ),
            "wrong shape",
        ),
        // The record is beside its empty place.
        (
            format!(r#"{{"status":"success","data":{{{ada},"data":[]}},"message":null}}"#),
            "found",
        ),
        (
            format!(r#"{{"status":"success","data":{{"data":null,{ada}}},"message":null}}"#),
            "found",
        ),
        // Values that are not objects or lists with content are not taken for a record.
        (
            r#"{"status":"success","data":null,"code":"00","meta":{},"request":"a1"}"#.to_owned(),
            "empty",
        ),
        (
            r#"{"status":"success","data":{"data":null,"code":7},"message":null}"#.to_owned(),
            "empty",
        ),
    ] {
        assert_eq!(shape(&body), is, "{body}");
    }
}

#[test]
fn what_contradicts_success_or_is_not_done_yet_is_no_absence() {
    let ada = r#""profile":{"first_name":"Ada"}"#;
    for inner in [
        r#""status":false"#,
        r#""success":false"#,
        r#""status":"false""#,
        r#""status":503"#,
        r#""type":"error""#,
        r#""status":"failed""#,
    ] {
        let none = format!(r#"{{"status":"success","data":{{{inner},"data":null}}}}"#);
        assert_eq!(shape(&none), "wrong shape", "{none}");
        let said = format!(r#"{{"status":"success","data":{{{inner},"message":"No"}}}}"#);
        assert_eq!(shape(&said), "refused", "{said}");
        let one = format!(r#"{{"status":"success","data":{{{inner},"data":{{{ada}}}}}}}"#);
        assert_eq!(shape(&one), "wrong shape", "{one}");
    }
    for (body, is) in [
        (
            r#"{"status":"success","data":{"status":"pending","data":null}}"#,
            "wrong shape",
        ),
        (
            r#"{"status":"success","data":{"status":"queued"}}"#,
            "wrong shape",
        ),
        (
            r#"{"status":"success","error":true,"data":null}"#,
            "wrong shape",
        ),
        (
            r#"{"status":"success","error":"It broke","data":null}"#,
            "refused",
        ),
        (
            r#"{"status":"success","data":{"status":"success","data":null}}"#,
            "empty",
        ),
        (
            r#"{"status":"success","data":{"status":"not_found","data":null}}"#,
            "empty",
        ),
        (
            r#"{"status":"success","data":{"status":200,"data":null}}"#,
            "empty",
        ),
        (
            r#"{"status":"success","error":false,"errors":[],"data":null}"#,
            "empty",
        ),
        (
            r#"{"status":"success","success":true,"error":null,"data":null}"#,
            "empty",
        ),
    ] {
        assert_eq!(shape(body), is, "{body}");
    }
}

#[test]
fn what_was_paid_for_and_came_damaged_is_no_page() {
    let whole =
        envelope(r#"{"profile":{"first_name":"Ada"},"residence":{"town":"Jos","status":"birth"}}"#);
    let half = &whole[..whole.len() - 5];
    let notice = "<br />\n<b>Notice</b>: undefined index in x.php\n";
    let packed: [&[u8]; 3] = [
        b"\x1F\x8B\x08\x00abc\xFF",
        b"\x28\xB5\x2F\xFDabc\xFF",
        b"\0{\0\"\xD8",
    ];
    for (body, is) in [
        (format!("{notice}{half}"), "cut"),
        (half.to_owned(), "cut"),
        (
            "[2026-01-01] production.ERROR: it broke".to_owned(),
            "no answer",
        ),
        (r#""Service Unavailable""#.to_owned(), "no answer"),
        (
            r#"<html><script>{"status":"ok","message":"Back soon"}</script></html>"#.to_owned(),
            "no answer",
        ),
    ] {
        assert_eq!(shape(&body), is, "{body}");
    }
    for body in packed {
        let error = read::<bvn::Data>(body, &Reading::default()).unwrap_err();
        assert!(
            matches!(error, Error::NotJson { .. }),
            "{}",
            body.escape_ascii()
        );
    }
}

#[test]
fn any_other_status_is_a_refusal() {
    let rows = [
        (
            r#"{"status":"error","data":null,"message":"No balance"}"#,
            "error",
            Some("No balance"),
        ),
        (
            r#"{"message":"No","status":"FAILED","data":"text"}"#,
            "FAILED",
            Some("No; text"),
        ),
        (
            r#"{"data":{"type":"x","data":[1]},"status":"error","message":null}"#,
            "error",
            None,
        ),
        (
            r#"{"data":{"errors":["x"]},"status":"error","message":""}"#,
            "error",
            Some("x"),
        ),
        (
            r#"{"status":"error","message":{"bvn":["is short"]}}"#,
            "error",
            Some("is short"),
        ),
        (r#"{"status":false,"message":"No"}"#, "false", Some("No")),
        (
            r#"{"status":"success","data":{"type":"error","message":"No balance"}}"#,
            "success",
            Some("No balance"),
        ),
        (
            r#"{"status":"error","detail":"No balance","errors":[{"message":"Fund it"}]}"#,
            "error",
            Some("No balance; Fund it"),
        ),
    ];
    for (body, is, says) in rows {
        let Answer::Refused { status, message } =
            read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(
            (status.as_str(), message.as_ref().map(ProviderText::as_str)),
            (is, says)
        );
    }
    let answer = read::<bvn::Data>(rows[0].0.as_bytes(), &Reading::default()).unwrap();
    let error = answer.into_found().unwrap_err();
    assert_eq!(
        error.message().map(ProviderText::as_str),
        Some("No balance")
    );
}
