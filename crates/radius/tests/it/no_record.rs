//! Bodies that bring no record: no answer at all, a fault, an empty success, a refusal.

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
fn a_fault_names_its_place_and_body() {
    let body = "{\"status\":\"success\",\n\"data\":?}";
    let error = read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap_err();
    let Error::NotJson {
        at, fingerprint, ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(*at, Position { line: 2, column: 8 });
    assert_eq!(fingerprint.to_string().len(), 16);
    assert_eq!(error.fingerprint(), Some(*fingerprint));
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
    let silent = read::<bvn::Data>(
        br#"{"status":"success","message":null}"#,
        &Reading::default(),
    );
    assert_eq!(silent.unwrap(), Answer::Empty { message: None });
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
