//! The provider's answers: any bytes are read as each kind, and the result is compared with the plain JSON of the answer.

use std::error::Error;

use kyc_domain::Record;
use kyc_kinds::{Answer, Found, KINDS, Kind};
use radius_api::{Data, bvn, drivers_license, nin, nin_phone, passport};
use serde_json::Value;

use crate::digits;

/// The JSON field of each image, by the name of the image.
const IMAGES: [(&str, &str); 2] = [("photo", "image"), ("signature", "signature")];
/// The most characters of the provider's message that are kept.
const LONGEST_MESSAGE: usize = 300;
/// Shorter runs of digits may occur by chance both in the body and in the place that an error names.
const NO_CHANCE: usize = 11;

/// Reads the bytes as the answer of every kind.
pub fn answer(body: &[u8]) {
    for kind in KINDS {
        match (kind.read)(body, &radius_api::Reading::default()) {
            Ok(Answer::Found(found)) => check_found(kind, &found, body),
            Ok(Answer::Refused {
                message: Some(message),
            }) => check_message(&message),
            Ok(_) => {}
            Err(error) => check_error(&error, body),
        }
    }
    check_retained::<bvn::Data<'_>>(body);
    check_retained::<nin::Data<'_>>(body);
    check_retained::<nin_phone::Data<'_>>(body);
    check_retained::<drivers_license::Data<'_>>(body);
    check_retained::<passport::Data<'_>>(body);
}

/// Asserts that the JSON of a record that was read can be stored, so that no billed record is lost.
fn check_retained<'a, T: Data<'a>>(body: &'a [u8]) {
    // A duplicate key may be refused, and so may a key with an escape.
    let twice = body.windows(6).filter(|part| part == b"\"data\"").count() > 2;
    if twice || body.contains(&b'\\') {
        return;
    }
    if let Ok(radius_api::Answer::Found(record)) =
        radius_api::read::<T>(body, &radius_api::Reading::default())
    {
        assert!(
            record.record_json().is_ok(),
            "a record was read and is lost"
        );
    }
}

fn check_found(kind: &Kind, found: &Found<'_>, body: &[u8]) {
    let json = serde_json::to_string(&found.record).expect("a record is plain text");
    let again: Record = serde_json::from_str(&json).expect("a record reads its own JSON");
    assert!(again == found.record, "{}: {json}", kind.name);

    let names: Vec<&str> = found.images.iter().map(|image| image.name).collect();
    assert_eq!(names, kind.images, "{}", kind.name);
    assert!(
        images_of(&found.provider_data).is_none(),
        "{}: {}",
        kind.name,
        found.provider_data
    );
    // The reader does not check the parts that it skips, so it accepts some answers that are not valid JSON.
    if let Ok(whole) = serde_json::from_slice::<Value>(body) {
        check_against(&whole["data"]["data"], found);
    }
}

/// Asserts, for answers of the documented shape, that the provider's JSON is unchanged, except that images are taken out.
fn check_against(sent: &Value, found: &Found<'_>) {
    if !sent["biodata"].is_object() {
        return;
    }
    for image in &found.images {
        let (_, field) = IMAGES
            .into_iter()
            .find(|(name, _)| *name == image.name)
            .expect("an image has one of these names");
        if let Value::String(text) = &sent["biodata"][field]
            && !text.trim_start().is_empty()
        {
            assert_eq!(image.text.as_deref(), Some(text.as_str()), "{field}");
        }
    }
    assert!(
        is_part(&found.provider_data, sent),
        "{}",
        found.provider_data
    );
}

fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|same| is_part(value, same))),
        _ => part == whole,
    }
}

fn images_of(data: &Value) -> Option<&Value> {
    let biodata = data.get("biodata")?;
    IMAGES.iter().find_map(|(_, field)| biodata.get(field))
}

fn check_message(message: &str) {
    assert!(message.chars().count() <= LONGEST_MESSAGE, "{message}");
    assert!(
        digits::runs(message).all(|run| run.len() < 6),
        "a message shows a number: {message}"
    );
}

fn check_error(error: &radius_api::Error, body: &[u8]) {
    let source = error.source().map(ToString::to_string);
    let told = format!("{error} {error:?} {source:?}");
    let shown = digits::runs(&told).find(|run| {
        run.len() >= NO_CHANCE && body.windows(run.len()).any(|part| part == run.as_bytes())
    });
    assert_eq!(shown, None, "an error shows a number: {told}");
}
