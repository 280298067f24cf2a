//! Reads a record in this project's own shape, as people write it.

use kyc_domain::{Claim, Record, RecordDate, Refusals};
use kyc_kinds::Kind;
use serde_json::{Map, Value, json};

fn type_of(kind: &Kind) -> &'static str {
    match kind.claims.contains(&Claim::CompanyName) {
        true => "company",
        false => "person",
    }
}

/// Returns whether an object is a record in our shape: its `type` says so, or it has no `type` and only known fields.
pub(super) fn is_ours(kind: &Kind, object: &Map<String, Value>) -> bool {
    match object.get("type").and_then(Value::as_str) {
        Some("person" | "company") => true,
        Some(_) => false,
        None => {
            let known = |(name, value): (&String, &Value)| {
                matches!(field(type_of(kind), name, value), Field::Known)
            };
            !object.is_empty() && object.iter().all(known)
        }
    }
}

enum Field {
    Known,
    Unknown,
    Unreadable,
}

/// Classifies one field by parsing a record that has only this field.
fn field(record: &str, name: &str, value: &Value) -> Field {
    let read_as_date = date(name, value);
    let value = read_as_date.as_ref().unwrap_or(value);
    let read = serde_json::from_value::<Record>(json!({ "type": record, name: value }));
    let Ok(read) = read else {
        return Field::Unreadable;
    };
    let written = serde_json::to_value(read).unwrap_or_default();
    let says_nothing = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if says_nothing || written.get(name).is_some() {
        Field::Known
    } else {
        Field::Unknown
    }
}

const DATES: [&str; 5] = [
    "date_of_birth",
    "issued_date",
    "expiry_date",
    "registration_date",
    "incorporated_on",
];

/// Converts a date that is only a text to the form that it has in a record.
fn date(name: &str, value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|_| DATES.contains(&name))?;
    serde_json::to_value(RecordDate::read(text)).ok()
}

/// Parses a record in our shape. A date may also be only a text.
pub(super) fn ours(kind: &Kind, mut object: Map<String, Value>) -> Result<Record, Refusals> {
    let expected = type_of(kind);
    match object.remove("type") {
        Some(said) if said != expected => {
            let remedy = format!("a record of this kind has the type {expected}");
            return Err(Refusals::one(
                "record.type",
                "does not fit the kind",
                &remedy,
            ));
        }
        _ => {}
    }
    const REMEDY: &str = "write it as in the record of kyc result --json";
    for (name, value) in &object {
        let problem = match field(expected, name, value) {
            Field::Known => continue,
            Field::Unknown => "is not known",
            Field::Unreadable => "cannot be read",
        };
        // A number that was written in place of a name must not appear in the error.
        let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let name = if is_name { name } else { "a field" };
        return Err(Refusals::one(&format!("record.{name}"), problem, REMEDY));
    }
    for (name, value) in &mut object {
        if let Some(date) = date(name, value) {
            *value = date;
        }
    }
    object.insert("type".to_owned(), expected.into());
    serde_json::from_value(Value::Object(object))
        .map_err(|_| Refusals::one("record", "cannot be read", REMEDY))
}
