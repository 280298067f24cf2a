//! Recognises an image by its text, and finds the photo where the provider gives it another name.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::Data;

/// Takes an image under an unknown name as the photo, if the record has no photo and exactly one such image.
pub(crate) fn adopt_photo<'a, T: Data<'a>>(data: &mut T) {
    let Some((photo, places)) = data.photo() else {
        return;
    };
    let is_image = |value: &Value| value.as_str().is_some_and(is_long_base64);
    let count = |place: &Map<String, Value>| place.values().filter(|value| is_image(value)).count();
    if photo.is_some() || places.iter().map(|place| count(place)).sum::<usize>() != 1 {
        return;
    }
    for place in places {
        let key = place
            .iter()
            .find(|(_, value)| is_image(value))
            .map(|(key, _)| key.clone());
        if let Some(Value::String(text)) = key.and_then(|key| place.remove(&key)) {
            *photo = Some(Cow::Owned(text));
        }
    }
}

/// Returns whether a text is an image, whatever its name: it is longer than any text of a register and consists of the
/// letters of base64.
pub(crate) fn is_long_base64(text: &str) -> bool {
    const LONG: usize = 2 << 10;
    let is_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let is_else = |byte: &u8| !is_letter(*byte) && !byte.is_ascii_whitespace();
    text.len() > LONG && text.bytes().skip(64).filter(is_else).count() < text.len() / 100
}
