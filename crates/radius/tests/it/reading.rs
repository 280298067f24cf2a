//! Records that differ from the samples: other values as text, unexpected fields, records and images in other places; and
//! that images are not copied.

use std::borrow::Cow;

use proptest::prelude::*;
use radius_api::{Answer, Error, Reading, bvn, cac, nin, read};
use serde_json::{Value, json};

pub(crate) fn envelope(record: &str) -> String {
    format!(r#"{{"status":"success","data":{{"type":"response","data":{record}}},"message":null}}"#)
}

fn text<'a>(body: &'a str) -> Option<Cow<'a, str>> {
    match read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap() {
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
        envelope(r#""Ada""#),
        envelope("7"),
        envelope(r#"{"result":"Ada"}"#),
        envelope(r#"{"profile":["Ada"]}"#),
        r#"{"status":"success","data":"Ada"}"#.to_owned(),
        r#"{"status":"success","data":["Ada"]}"#.to_owned(),
        r#"{"status":{"a":1},"data":null}"#.to_owned(),
        r#"{"status":"success"}"#.to_owned(),
        r#"{"data":null}"#.to_owned(),
        r#"{"message":"Ada"}"#.to_owned(),
        r#"{"profile":{"first_name":"Ada"}}"#.to_owned(),
        r#"{"statusCode":200,"data":{"profile":{"first_name":"Ada"}}}"#.to_owned(),
        // A record beside a status other than success, or beside a report of failure.
        envelope(r#"{"profile":{"first_name":"Ada"}}"#).replace("success", "done"),
        envelope(r#"{"profile":{"first_name":"Ada"}}"#).replace("success", "error"),
        r#"{"status":"success","success":false,"data":{"data":{"profile":{"first_name":"Ada"}}}}"#.to_owned(),
        r#"{"status":"SUCCESS","data":{"status":"failed","data":{"profile":{"first_name":"Ada"}}}}"#.to_owned(),
        r#"{"status":"success","data":{"type":"error","data":{"profile":{"first_name":"Ada"}}}}"#.to_owned(),
        r#"{"status":"success","data":{"type":"error"}}"#.to_owned(),
    ];
    for body in rows {
        let error = read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap_err();
        assert!(matches!(error, Error::WrongShape { .. }), "{body}: {error}");
        assert!(!format!("{error} {error:?}").contains("Ada"), "{error:?}");
    }
}

#[test]
fn a_record_is_found_wherever_it_can_only_be_the_record() {
    let group = r#"{"profile":{"first_name":"Ada"}}"#;
    let mut rows = vec![
        format!(r#"{{"status":"success","data":{group}}}"#),
        format!(r#"{{"status":"success","data":[{group}]}}"#),
        format!(r#"{{"status":"success","data":{{"data":[{group}]}}}}"#),
        format!(r#"{{"status":"success","data":[{{"type":"response","data":{group}}}]}}"#),
        format!(r#"{{"success":true,"status":"success","data":{{"data":{group}}}}}"#),
    ];
    for status in [
        "200",
        "true",
        r#""Successful""#,
        r#""ok""#,
        r#""00""#,
        r#"" SUCCESS ""#,
        r#""200""#,
    ] {
        rows.push(format!(
            r#"{{"status":{status},"data":{{"type":"response","data":{group}}}}}"#
        ));
    }
    for body in rows {
        assert_eq!(text(&body).as_deref(), Some("Ada"), "{body}");
        let Answer::Found(record) =
            read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(
            record.record_json().unwrap()["profile"]["first_name"],
            "Ada",
            "{body}"
        );
    }
    let own = Reading::with_success(["Done"]);
    let body = envelope(group).replace("success", "done");
    assert!(matches!(
        read::<bvn::Data>(body.as_bytes(), &own),
        Ok(Answer::Found(_))
    ));
    for data in [
        format!("[{group},{group}]"),
        format!(r#"{{"data":[{group},{group}]}}"#),
    ] {
        let body = format!(r#"{{"status":"success","data":{data}}}"#);
        let error = read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap_err();
        assert_eq!(error.code(), "ambiguous_record", "{body}");
    }
}

#[test]
fn a_field_of_an_odd_type_costs_itself() {
    let rows = [
        (r#""middle_name":{"a":1}"#, vec!["profile.middle_name"]),
        (
            r#""middle_name":["Ada","Ugo"]"#,
            vec!["profile.middle_name"],
        ),
        (r#""middle_name":[7]"#, vec!["profile.middle_name"]),
        (r#""middle_name":[]"#, vec![]),
        (r#""middle_name":{}"#, vec![]),
        (r#""middle_name":null"#, vec![]),
    ];
    for (field, unreadable) in rows {
        let body = envelope(&format!(r#"{{"profile":{{"first_name":"Ada",{field}}}}}"#));
        let Answer::Found(record) =
            read::<nin::Data>(body.as_bytes(), &Reading::default()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(record.unreadable(), unreadable, "{body}");
        assert_eq!(record.data.profile.first_name.as_deref(), Some("Ada"));
        assert_eq!(record.data.profile.middle_name, None);
    }
    for (group, unreadable) in [
        (r#""next_of_kin":false"#, vec![]),
        (r#""next_of_kin":"N/A""#, vec![]),
        (r#""next_of_kin":"-""#, vec![]),
        (r#""next_of_kin":[]"#, vec![]),
        (r#""next_of_kin":true"#, vec!["next_of_kin"]),
        (r#""next_of_kin":"Ada""#, vec!["next_of_kin"]),
        (r#""next_of_kin":[{"a":1}]"#, vec!["next_of_kin"]),
        (r#""next_of_kin":7"#, vec!["next_of_kin"]),
        (
            r#""next_of_kin":{"residence":{"lga":["a",1]}}"#,
            vec!["next_of_kin.residence.lga"],
        ),
    ] {
        let body = envelope(&format!(r#"{{"profile":{{"first_name":"Ada"}},{group}}}"#));
        let Answer::Found(record) =
            read::<nin::Data>(body.as_bytes(), &Reading::default()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(record.unreadable(), unreadable, "{body}");
    }
}

#[test]
fn an_image_is_found_in_other_forms_and_under_other_names() {
    let long = "QUJD".repeat(1000);
    for (biodata, image) in [
        (r#""image":["aGVsbG8="]"#.to_owned(), Some("aGVsbG8=")),
        (
            r#""image":{"type":"Buffer","data":[104,101,108,108,111]}"#.to_owned(),
            Some("aGVsbG8="),
        ),
        (r#""image":{"type":"Buffer","data":[256]}"#.to_owned(), None),
        (format!(r#""photo":"{long}""#), Some(&*long)),
        (format!(r#""photo":"{long}","face":"{long}""#), None),
        (
            format!(r#""image":"aGVsbG8=","photo":"{long}""#),
            Some("aGVsbG8="),
        ),
    ] {
        let body = envelope(&format!(
            r#"{{"profile":{{"first_name":"Ada"}},"biodata":{{{biodata}}}}}"#
        ));
        let Answer::Found(record) =
            read::<bvn::Data>(body.as_bytes(), &Reading::default()).unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(record.data.biodata.image.as_deref(), image);
        let kept = record.record_json().unwrap().to_string();
        assert!(
            kept.len() < 200,
            "no image is kept beside the record: {}",
            kept.len()
        );
    }
}

#[test]
fn unknown_fields_and_groups_are_kept() {
    let body = envelope(
        r#"{"profile":{"company_name":"A","tin":[1]},"owners":[{"name":"B"}],"identity":{"rc":7}}"#,
    );
    let record = read::<cac::Data>(body.as_bytes(), &Reading::default())
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
    let record = read::<nin::Data>(body.as_bytes(), &Reading::default())
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
    let record = read::<nin::Data>(body.as_bytes(), &Reading::default())
        .unwrap()
        .into_found()
        .unwrap()
        .unwrap();
    assert_eq!(record.data.biodata.image.as_deref(), Some("QUJD/+/\r\n/=="));
    assert!(matches!(record.data.biodata.image, Some(Cow::Owned(_))));
    assert_eq!(record.record_json().unwrap(), json!({"biodata": {}}));
}

proptest! {
    /// Every body that can be read also gives a record as JSON, whatever its groups hold.
    #[test]
    fn what_is_read_can_be_kept(
        value in r#"(null|true|1e3|\[\]|\{\}|"[a-z\\n]{0,4}"|-1|\[1,\{"a":null\}\])"#,
        group in "(biodata|profile|other)",
        field in "(image|first_name|else)",
    ) {
        let record = format!(r#"{{"{group}":{{"{field}":{value}}},"identity":{{"bvn":"1"}}}}"#);
        let body = envelope(&record);
        if let Ok(Answer::Found(record)) = read::<bvn::Data>(body.as_bytes(), &Reading::default()) {
            let mut expected: Value = serde_json::from_str(&body).unwrap();
            let mut expected = expected["data"]["data"].take();
            if let Some(biodata) = expected.get_mut("biodata") {
                biodata.as_object_mut().unwrap().remove("image");
            }
            prop_assert_eq!(record.record_json().unwrap(), expected);
        }
    }

    /// No input makes `read` panic.
    #[test]
    fn any_bytes_are_survived(bytes in any::<Vec<u8>>()) {
        prop_assert!(read::<bvn::Data>(&bytes, &Reading::default()).is_err());
    }
}
