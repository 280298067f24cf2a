//! Parses a trouble from JSON. Hides the names of its fields.

use serde_json::{Map, Value};

use super::{STATUSES, Trouble, Wrong};
use crate::{fault::Retry, kind::Kind};

const FIELDS: [&str; 7] = [
    "kind",
    "status",
    "retry_after",
    "retry_after_date",
    "drop",
    "odd",
    "times",
];

/// The longest unknown field name that an error repeats. Names with digits or special characters are not repeated
/// either, since they could be personal data.
const LONGEST_NAME: usize = 32;

impl Trouble {
    /// Parses the body of `POST /__sandbox/trouble`.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Wrong> {
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Err(Wrong::new(
                "trouble",
                "is not a JSON object",
                r#"send an object such as {"kind":"bvn","status":503}"#,
            ));
        };
        known(&fields)?;
        let mut trouble = act(&fields)?;
        trouble.kind = kind(&fields)?;
        trouble.times = times(&fields)?;
        Ok(trouble)
    }
}

fn known(fields: &Map<String, Value>) -> Result<(), Wrong> {
    let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) else {
        return Ok(());
    };
    let plain = name.len() <= LONGEST_NAME
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphabetic() || "_-".contains(letter));
    let name = if plain { name } else { "a field" };
    Err(Wrong::new(
        name,
        "is not known",
        format!("use only: {}", FIELDS.join(", ")),
    ))
}

fn act(fields: &Map<String, Value>) -> Result<Trouble, Wrong> {
    if let Some(odd) = fields.get("odd") {
        let is_alone = !["status", "drop"]
            .iter()
            .any(|name| fields.contains_key(*name));
        return match odd {
            Value::Bool(true) if is_alone => Ok(Trouble::odd_answers()),
            _ => Err(Wrong::new(
                "odd",
                "is not true, or is combined with status or drop",
                "set \"odd\": true, without status and drop",
            )),
        };
    }
    match (fields.get("status"), fields.get("drop")) {
        (None, None) => Err(Wrong::new(
            "status",
            "is missing",
            "set a status from 400 to 599, or \"drop\": true",
        )),
        (Some(_), Some(_)) => Err(Wrong::new(
            "drop",
            "cannot be combined with status",
            "leave out one of the two",
        )),
        (Some(value), None) => Ok(Trouble::status(status(value)?, retry(fields)?)),
        (None, Some(Value::Bool(true))) => closed(fields),
        (None, Some(_)) => Err(Wrong::new(
            "drop",
            "is not true",
            "set \"drop\": true, or leave it out",
        )),
    }
}

fn closed(fields: &Map<String, Value>) -> Result<Trouble, Wrong> {
    match ["retry_after", "retry_after_date"]
        .into_iter()
        .find(|name| fields.contains_key(*name))
    {
        None => Ok(Trouble::drop_connections()),
        Some(name) => Err(Wrong::new(
            name,
            "cannot be sent on a closed connection",
            "leave it out, or set a status instead of drop",
        )),
    }
}

fn status(value: &Value) -> Result<u16, Wrong> {
    value
        .as_u64()
        .and_then(|number| u16::try_from(number).ok())
        .filter(|number| STATUSES.contains(number))
        .ok_or_else(|| {
            Wrong::new(
                "status",
                "is not the status of an error",
                "use a whole number from 400 to 599",
            )
        })
}

fn retry(fields: &Map<String, Value>) -> Result<Retry, Wrong> {
    match (fields.get("retry_after"), fields.get("retry_after_date")) {
        (None, None) => Ok(Retry::Unsaid),
        (Some(value), None) => Ok(Retry::Seconds(seconds("retry_after", value)?)),
        (None, Some(value)) => Ok(Retry::DateIn(seconds("retry_after_date", value)?)),
        (Some(_), Some(_)) => Err(Wrong::new(
            "retry_after_date",
            "cannot be combined with retry_after",
            "leave out one of the two",
        )),
    }
}

fn seconds(name: &str, value: &Value) -> Result<u32, Wrong> {
    value
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| {
            Wrong::new(
                name,
                "is not a number of seconds",
                "use a whole number from 0 to 4294967295",
            )
        })
}

fn kind(fields: &Map<String, Value>) -> Result<Option<Kind>, Wrong> {
    let Some(value) = fields.get("kind") else {
        return Ok(None);
    };
    value
        .as_str()
        .and_then(Kind::named)
        .map(Some)
        .ok_or_else(|| {
            let known = Kind::names();
            Wrong::new(
                "kind",
                "is not known",
                format!("name one of: {known}; leave it out for all kinds"),
            )
        })
}

fn times(fields: &Map<String, Value>) -> Result<Option<u64>, Wrong> {
    let Some(value) = fields.get("times") else {
        return Ok(None);
    };
    value
        .as_u64()
        .filter(|times| *times > 0)
        .map(Some)
        .ok_or_else(|| {
            Wrong::new(
                "times",
                "is not a number of calls",
                "use a whole number from 1 up, or leave it out for all calls until the trouble is cleared",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_parsed_from_json() {
        for (body, trouble) in [
            (
                r#"{"kind":"bvn","status":503}"#,
                Trouble::status(503, Retry::Unsaid).of("bvn"),
            ),
            (
                r#"{"status":429,"retry_after":30}"#,
                Trouble::status(429, Retry::Seconds(30)),
            ),
            (
                r#"{"kind":"cac","status":429,"retry_after_date":30,"times":2}"#,
                Trouble::status(429, Retry::DateIn(30)).of("cac").times(2),
            ),
            (
                r#"{"drop":true,"times":1}"#,
                Trouble::drop_connections().times(1),
            ),
        ] {
            assert_eq!(Trouble::parse(body.as_bytes()), Ok(trouble), "{body}");
        }
    }

    #[test]
    fn bad_input_is_refused_with_its_field() {
        for (body, field) in [
            ("", "trouble"),
            ("[]", "trouble"),
            (r#"{"status":503"#, "trouble"),
            ("{}", "status"),
            (r#"{"kind":"bvn"}"#, "status"),
            (r#"{"status":200}"#, "status"),
            (r#"{"status":"503"}"#, "status"),
            (r#"{"status":503.5}"#, "status"),
            (r#"{"status":70039}"#, "status"),
            (r#"{"status":503,"drop":true}"#, "drop"),
            (r#"{"drop":false}"#, "drop"),
            (r#"{"drop":true,"retry_after":1}"#, "retry_after"),
            (r#"{"drop":true,"retry_after_date":1}"#, "retry_after_date"),
            (r#"{"status":503,"retry_after":-1}"#, "retry_after"),
            (
                r#"{"status":503,"retry_after_date":1.5}"#,
                "retry_after_date",
            ),
            (
                r#"{"status":503,"retry_after":1,"retry_after_date":1}"#,
                "retry_after_date",
            ),
            (r#"{"status":503,"kind":"vnin"}"#, "kind"),
            (r#"{"status":503,"kind":null}"#, "kind"),
            (r#"{"status":503,"times":0}"#, "times"),
            (r#"{"status":503,"time":1}"#, "time"),
            (r#"{"status":503,"22200000000":1}"#, "a field"),
        ] {
            let wrong = Trouble::parse(body.as_bytes()).unwrap_err();
            assert_eq!(wrong.field, field, "{body}");
            assert!(!wrong.remedy.is_empty(), "{body}");
            assert!(!format!("{wrong:?}").contains("222"));
        }
    }
}
