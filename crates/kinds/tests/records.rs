//! Each text of the provider's answer reaches its field of the record.

use kyc_kinds::{Answer, KINDS, find};
use radius_api::Reading;
use serde_json::{Value, json};

/// The groups of an answer, with the names of their fields.
type Groups = &'static [(&'static str, &'static str)];

/// Reads an answer in which every text is its own path, and returns the record as JSON.
fn record(kind: &str, groups: Groups) -> Value {
    let mut data = json!({});
    for (group, fields) in groups {
        for field in fields.split(' ') {
            data[group][field] = format!("{group}.{field}").into();
        }
    }
    let body =
        json!({"status": "success", "data": {"type": "response", "data": data}, "message": null});
    let body = body.to_string();
    let kind = find(kind).expect("the kind is in the table");
    let answer = (kind.read)(body.as_bytes(), &Reading::default()).expect("the answer is whole");
    let Answer::Found(found) = answer else {
        panic!("{} was not found", kind.name);
    };
    let images: Vec<&str> = found.images.iter().map(|image| image.name).collect();
    assert_eq!(images, kind.images);
    for image in &found.images {
        assert!(image.text.is_some(), "{}: {}", kind.name, image.name);
    }
    serde_json::to_value(&found.record).expect("a record is JSON")
}

const NAMES: &str =
    "title first_name middle_name last_name gender date_of_birth nationality marital_status";
const NIN: Groups = &[
    ("origin", "lga state address"),
    ("biodata", "image signature"),
    ("contact", "email main_phone_number"),
    (
        "profile",
        "title gender surname religion first_name maiden_name middle_name nationality date_of_birth marital_status",
    ),
    ("identity", "nin"),
    ("residence", "lga town state status address"),
];

#[test]
fn every_text_reaches_its_field() {
    let expected: Value = serde_json::from_str(include_str!("records.json")).unwrap();
    let bvn: Groups = &[
        ("origin", "lga state"),
        ("biodata", "image"),
        ("contact", "email main_phone_number other_phone_number"),
        ("profile", NAMES),
        ("identity", "bvn nin"),
        ("metadata", "watch_listed registration_date"),
        ("residence", "lga state address"),
    ];
    let licence: Groups = &[
        ("biodata", "image"),
        ("profile", NAMES),
        ("identity", "driver_license"),
        ("meta_data", "expiry_date issued_date state_of_issue"),
    ];
    let passport: Groups = &[
        ("biodata", "image"),
        ("contact", "main_phone_number"),
        ("profile", "dob gender last_name first_name other_name"),
        ("identity", "passport_id"),
        ("meta_data", "issued_at expiry_date issued_date"),
    ];
    let cac: Groups = &[
        ("profile", "email address company_name"),
        ("identity", "cac"),
        ("meta_data", "status activity incorporation_at"),
    ];
    let rows = [
        ("bvn", bvn),
        ("nin", NIN),
        ("nin_phone", NIN),
        ("drivers_license", licence),
        ("passport", passport),
        ("cac", cac),
    ];
    assert_eq!(rows.len(), KINDS.len());
    for (kind, groups) in rows {
        assert_eq!(record(kind, groups), expected[kind], "{kind}");
    }
}
