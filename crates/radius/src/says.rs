//! What single values of an envelope say: no, failure, something, or what could be a record.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[cfg(feature = "client")]
use crate::words::Words;

/// `false`, in whatever form.
pub(crate) fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => !truth,
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        Value::Number(number) => number.as_u64() == Some(0),
        _ => false,
    }
}

/// A number as HTTP has it, that is none of success.
pub(crate) fn is_bad_number(value: &Value) -> bool {
    value.as_u64().is_some_and(|number| number >= 300)
}

/// Whether a value says anything.
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

/// Words of a status that no success has.
pub(crate) fn is_failure(status: &str) -> bool {
    let words = ["failed", "fail", "failure", "error", "false"];
    words
        .iter()
        .any(|word| status.trim().eq_ignore_ascii_case(word))
}

/// Whether a value could hold a record: an object or a list in which something is said.
pub(crate) fn holds(value: &Value) -> bool {
    (value.is_object() || value.is_array()) && is_something(value)
}

/// The same of a value that is not kept.
pub(crate) struct Holds(pub(crate) bool);

impl<'de> Deserialize<'de> for Holds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(holds(&value)))
    }
}

/// Whether the words of a refusal are the provider's own: its envelope has a status, and beside it a message or data. A
/// status that only repeats that of HTTP, without data, is how frameworks write their own pages of errors.
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
