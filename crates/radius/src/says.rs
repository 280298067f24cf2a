//! Interprets single values of an envelope: whether they mean false, a failure, any content, or a possible record.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[cfg(feature = "client")]
use crate::words::Words;

/// Returns whether a value means false: `false`, the text `false`, or the number 0.
pub(crate) fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => !truth,
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        Value::Number(number) => number.as_u64() == Some(0),
        _ => false,
    }
}

/// Returns whether a value is a number that, as an HTTP status, means no success.
pub(crate) fn is_bad_number(value: &Value) -> bool {
    value.as_u64().is_some_and(|number| number >= 300)
}

/// Returns whether a value has any content: not null, not false, not 0, and not blank or empty.
pub(crate) fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_u64() != Some(0),
        Value::String(text) => !text.trim().is_empty() && !text.eq_ignore_ascii_case("false"),
        Value::Array(values) => values.iter().any(is_something),
        Value::Object(fields) => fields.values().any(is_something),
    }
}

/// Returns whether a status is a word for failure.
pub(crate) fn is_failure(status: &str) -> bool {
    let words = ["failed", "fail", "failure", "error", "false"];
    words
        .iter()
        .any(|word| status.trim().eq_ignore_ascii_case(word))
}

/// Returns whether a value could hold a record: an object or a list with any content.
pub(crate) fn holds(value: &Value) -> bool {
    (value.is_object() || value.is_array()) && is_something(value)
}

/// Whether a value could hold a record; the value itself is dropped.
pub(crate) struct Holds(pub(crate) bool);

impl<'de> Deserialize<'de> for Holds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(holds(&value)))
    }
}

/// Returns whether the body of a refusal is the provider's own envelope: it has a status, and also a message or data.
///
/// A status that only repeats the HTTP status, without data, is how web frameworks write their own error bodies.
#[cfg(feature = "client")]
pub(crate) fn is_own(value: &Value, http_status: u16) -> bool {
    let (Some(status), Value::Object(fields)) = (value.get("status"), value) else {
        return false;
    };
    let text = match status {
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(_) | Value::Number(_) => status.to_string(),
        _ => return false,
    };
    let has_data = fields.contains_key("data");
    let has_words = Words::of(value).text().is_some() || fields.contains_key("message");
    let repeats = text == http_status.to_string();
    !text.is_empty() && (has_data || has_words && !repeats)
}
