//! Bodies beyond the samples: what is blank, what is refused, what is no answer, and that images are not copied.

use std::borrow::Cow;

use proptest::prelude::*;
use radius_api::{Answer, Error, Position, ProviderText, bvn, cac, nin, read};
use serde_json::{Value, json};

fn envelope(record: &str) -> String {
    format!(r#"{{"status":"success","data":{{"type":"response","data":{record}}},"message":null}}"#)
}

fn text<'a>(body: &'a str) -> Option<Cow<'a, str>> {
    match read::<bvn::Data>(body.as_bytes()).unwrap() {
        Answer::Found(record) => record.data.profile.first_name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_passes_for_text() {
    let rows = [
        (r#""Ada""#, Some("Ada")),
        (r#"" Ada ""#, Some(" Ada ")),
        (r#""Ad\u00e9""#, Some("Adé")),
        (r#""""#, None),
        (r#"" \t\n ""#, None),
        ("null", None),
        ("22212345678", Some("22212345678")),
        ("-7", Some("-7")),
        ("1.5", Some("1.5")),
        ("true", Some("true")),
        ("false", Some("false")),
    ];
    for (value, expected) in rows {
        let body = envelope(&format!(
            r#"{{"profile":{{"first_name":{value},"title":"X"}}}}"#
        ));
        assert_eq!(text(&body).as_deref(), expected, "{value}");
    }
}

#[test]
fn shapes_that_are_no_answer() {
    let rows = [
        envelope(r#"{"profile":{"first_name":{"a":1}}}"#),
        envelope(r#"{"profile":{"first_name":["Ada"]}}"#),
        envelope(r#"{"profile":["Ada"]}"#),
        envelope(r#"{"profile":"Ada"}"#),
        envelope(r#"{"profile":7}"#),
        envelope(r#"["Ada"]"#),
        envelope(r#""Ada""#),
        envelope(r#"{"result":"Ada"}"#),
        r#"{"status":"success","data":{"profile":{"first_name":"Ada"}}}"#.to_owned(),
        r#"{"status":"success","data":["Ada"]}"#.to_owned(),
        r#"{"status":"success","data":"Ada"}"#.to_owned(),
        r#"{"status":{"a":1},"data":null}"#.to_owned(),
        r#"{"data":null}"#.to_owned(),
        r#"{"profile":{"first_name":"Ada"}}"#.to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        r#""success""#.to_owned(),
    ];
    for body in rows {
        let error = read::<bvn::Data>(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::WrongShape { .. }), "{body}: {error}");
        assert!(!format!("{error} {error:?}").contains("Ada"), "{error:?}");
    }
}

#[test]
fn bodies_that_are_no_json() {
    let whole = envelope(r#"{"profile":{"first_name":"Ada"}}"#);
    let latin1 = [&b"{\"status\":\""[..], b"\xE9", b"\"}"].concat();
    let rows: [(&[u8], bool); 7] = [
        (b"", true),
        (whole.as_bytes().split_last().unwrap().1, true),
        (&whole.as_bytes()[..40], true),
        (b"<!DOCTYPE html><title>Ada</title>", false),
        (b"{\"status\":success}", false),
        (b"{\"status\":\"error\"} {}", false),
        (&latin1, false),
    ];
    for (body, expected) in rows {
        let error = read::<bvn::Data>(body).unwrap_err();
        let Error::NotJson { truncated, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(truncated, expected, "{}", body.escape_ascii());
    }
}

#[test]
fn a_fault_names_its_place_and_body() {
    let body = "{\"status\":\"success\",\n\"data\":7}";
    let error = read::<bvn::Data>(body.as_bytes()).unwrap_err();
    let Error::WrongShape { at, fingerprint } = &error else {
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
        let Answer::Empty { message } = read::<bvn::Data>(body.as_bytes()).unwrap() else {
            panic!("{body}");
        };
        assert_eq!(message.unwrap().as_str(), "BVN *********** unknown");
    }
    let missing = read::<bvn::Data>(br#"{"status":"success"}"#).unwrap();
    assert_eq!(missing, Answer::Empty { message: None });
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
            Some("No"),
        ),
        (
            r#"{"data":{"type":"x","data":[1]},"status":"error","message":null}"#,
            "error",
            None,
        ),
        (
            r#"{"data":{"errors":["x"]},"status":"error","message":""}"#,
            "error",
            None,
        ),
        (
            r#"{"status":"error","message":{"bvn":["is short"]}}"#,
            "error",
            Some(r#"{"bvn":["is short"]}"#),
        ),
        (r#"{"status":false,"message":"No"}"#, "false", Some("No")),
        (r#"{"message":"Server Error"}"#, "", Some("Server Error")),
        (
            r#"{"message":"Server Error","data":[{}]}"#,
            "",
            Some("Server Error"),
        ),
    ];
    for (body, is, says) in rows {
        let Answer::Refused { status, message } = read::<bvn::Data>(body.as_bytes()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(
            (status.as_str(), message.as_ref().map(ProviderText::as_str)),
            (is, says)
        );
    }
    let answer = read::<bvn::Data>(rows[0].0.as_bytes()).unwrap();
    let error = answer.into_found().unwrap_err();
    assert_eq!(
        error.message().map(ProviderText::as_str),
        Some("No balance")
    );
}

#[test]
fn unknown_fields_and_groups_are_kept() {
    let body = envelope(
        r#"{"profile":{"company_name":"A","tin":[1]},"owners":[{"name":"B"}],"identity":{"rc":7}}"#,
    );
    let record = read::<cac::Data>(body.as_bytes())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    assert_eq!(
        Value::from(record.data.extra.clone()),
        json!({"owners": [{"name": "B"}]})
    );
    assert_eq!(
        Value::from(record.data.profile.extra.clone()),
        json!({"tin": [1]})
    );
    assert_eq!(
        Value::from(record.data.identity.extra.clone()),
        json!({"rc": 7})
    );
    assert_eq!(record.data.identity.cac, None);
    let kept = record.record_json().unwrap();
    assert_eq!(kept["profile"], json!({"company_name": "A", "tin": [1]}));
    assert_eq!(kept["owners"], json!([{"name": "B"}]));
}

#[test]
fn images_are_borrowed_from_the_body() {
    let image = "QUJD+/".repeat(20_000);
    let record = format!(
        r#"{{"biodata":{{"signature":"U0lH","size":3,"image":"{image}"}},"profile":{{"surname":"Ojo"}}}}"#
    );
    let body = envelope(&record);
    let record = read::<nin::Data>(body.as_bytes())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    let range = body.as_bytes().as_ptr_range();
    for text in [
        &record.data.biodata.image,
        &record.data.biodata.signature,
        &record.data.profile.surname,
    ] {
        let Some(Cow::Borrowed(text)) = text else {
            panic!("a copy")
        };
        assert!(range.contains(&text.as_ptr()), "not from the body");
    }
    assert_eq!(record.data.biodata.image.as_deref(), Some(&*image));
    let kept = record.record_json().unwrap();
    assert_eq!(
        kept,
        json!({"biodata": {"size": 3}, "profile": {"surname": "Ojo"}})
    );
}

#[test]
fn escaped_images_are_right() {
    let body = envelope(r#"{"biodata":{"image":"QUJD\/+\/\r\n\u002f=="}}"#);
    let record = read::<nin::Data>(body.as_bytes())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    assert_eq!(record.data.biodata.image.as_deref(), Some("QUJD/+/\r\n/=="));
    assert!(matches!(record.data.biodata.image, Some(Cow::Owned(_))));
    assert_eq!(record.record_json().unwrap(), json!({"biodata": {}}));
}

proptest! {
    /// A body that is read can also be kept: whatever stands in its groups.
    #[test]
    fn what_is_read_can_be_kept(
        value in r#"(null|true|1e3|\[\]|\{\}|"[a-z\\n]{0,4}"|-1|\[1,\{"a":null\}\])"#,
        group in "(biodata|profile|other)",
        field in "(image|first_name|else)",
    ) {
        let record = format!(r#"{{"{group}":{{"{field}":{value}}},"identity":{{"bvn":"1"}}}}"#);
        let body = envelope(&record);
        if let Ok(Answer::Found(record)) = read::<bvn::Data>(body.as_bytes()) {
            let mut expected: Value = serde_json::from_str(&body).unwrap();
            let mut expected = expected["data"]["data"].take();
            if let Some(biodata) = expected.get_mut("biodata") {
                biodata.as_object_mut().unwrap().remove("image");
            }
            prop_assert_eq!(record.record_json().unwrap(), expected);
        }
    }

    /// No bytes make it panic.
    #[test]
    fn any_bytes_are_survived(bytes in any::<Vec<u8>>()) {
        prop_assert!(read::<bvn::Data>(&bytes).is_err());
    }
}
