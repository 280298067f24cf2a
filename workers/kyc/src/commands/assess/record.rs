//! Reads a record from a file: in our shape, or as the provider's own answer. Hides how the two are distinguished.

use kyc_domain::{Record, Refusals};
use kyc_kinds::{Answer, Kind};
use kyc_verification::{Meaning, Understanding};
use serde_json::{Value, json};

use super::ours::{is_ours, ours};

/// The content of a file.
pub(super) enum Parsed {
    /// A record.
    Record(Box<Record>),
    /// The provider has none.
    NotFound,
    /// The provider calls the input wrong.
    Rejected,
}

const FORMS: &str =
    "give the record or provider_data of kyc result --json, or the whole answer of the provider";

/// Reads a record in any of its forms. Errors repeat no value.
pub(super) fn read(kind: &Kind, bytes: &[u8], by: &Understanding) -> Result<Parsed, Refusals> {
    let value = match json("record", bytes, FORMS) {
        Ok(value) => value,
        // The reader of the provider's answers is more tolerant.
        Err(refused) => return answer(kind, bytes, by).map_err(|_| refused),
    };
    let Value::Object(mut object) = value else {
        return Err(Refusals::one("record", "is not a JSON object", FORMS));
    };
    // The whole output of `kyc result --json` has the record in a field.
    match object.remove("record") {
        Some(Value::Object(inner)) => return ours(kind, inner).map(Parsed::of),
        Some(_) => {
            return Err(Refusals::one(
                "record",
                "is missing: that verification has none",
                FORMS,
            ));
        }
        None => {}
    }
    if is_ours(kind, &object) {
        return ours(kind, object).map(Parsed::of);
    }
    if ["status", "message"]
        .iter()
        .any(|name| object.contains_key(*name))
    {
        return answer(kind, bytes, by);
    }
    let data = if object.contains_key("data") {
        Value::Object(object)
    } else {
        json!({ "type": "response", "data": object })
    };
    let whole = json!({ "status": "success", "message": null, "data": data });
    match answer(kind, whole.to_string().as_bytes(), by)? {
        // Only an envelope can report that there is no record.
        Parsed::NotFound => Err(Refusals::one("record", "holds nothing", FORMS)),
        said => Ok(said),
    }
}

impl Parsed {
    fn of(record: Record) -> Self {
        Self::Record(Box::new(record))
    }
}

/// Parses JSON, also after a byte order mark.
pub(super) fn json(field: &str, bytes: &[u8], remedy: &str) -> Result<Value, Refusals> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(Refusals::one(field, "is empty", remedy));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        // The message of serde_json can repeat the text.
        let (line, column) = (error.line(), error.column());
        let problem = format!("is not JSON (line {line}, column {column})");
        Refusals::one(field, &problem, remedy)
    })
}

/// Reads the provider's own answer as a worker does.
fn answer(kind: &Kind, bytes: &[u8], by: &Understanding) -> Result<Parsed, Refusals> {
    let refused = |problem| Err(Refusals::one("record", problem, FORMS));
    let repaired = radius_api::repair(bytes, bytes.len());
    let bytes = repaired.as_ref().map_or(bytes, |repaired| &repaired.body);
    match (kind.read)(bytes, &by.reading) {
        Ok(Answer::Found(found)) => Ok(Parsed::of(found.record)),
        Ok(Answer::NotFound { message }) => without_record(message.as_deref(), true, by),
        Ok(Answer::Refused { message } | Answer::Silent { message }) => {
            without_record(message.as_deref(), false, by)
        }
        Err(_) => refused("cannot be read as an answer about this kind"),
    }
}

fn without_record(
    message: Option<&str>,
    is_success: bool,
    by: &Understanding,
) -> Result<Parsed, Refusals> {
    match by.messages.meaning(message.unwrap_or_default()) {
        Some(Meaning::NotFound) => Ok(Parsed::NotFound),
        Some(Meaning::Rejected) => Ok(Parsed::Rejected),
        None if is_success => Ok(Parsed::NotFound),
        _ => Err(Refusals::one(
            "record",
            "is an answer that says nothing about the person: the provider failed, or asked to wait",
            "give an answer that contains a record",
        )),
    }
}

#[cfg(test)]
mod tests {
    use kyc_verification::Messages;

    use super::*;

    fn said(kind: &str, text: &str) -> Result<Parsed, String> {
        let messages = Messages {
            not_found: ["not found"].into_iter().collect(),
            rejected: ["invalid bvn"].into_iter().collect(),
            throttled: ["too many"].into_iter().collect(),
            ..Messages::default()
        };
        let by = Understanding {
            messages,
            ..Understanding::default()
        };
        let said = read(kyc_kinds::find(kind).unwrap(), text.as_bytes(), &by);
        said.map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_record_is_read_in_every_shape_that_it_has() {
        let provider = r#"{"profile":{"first_name":"Ada","date_of_birth":"10/06/1993"}}"#;
        let wrapped = format!(r#"{{"type":"response","data":{provider}}}"#);
        for text in [
            r#"{"type":"person","first_name":"Ada","date_of_birth":{"raw":"10/06/1993","date":"1993-06-10"}}"#,
            r#"{"first_name":"Ada","date_of_birth":"10/06/1993"}"#,
            r#"{"id":"x","state":"completed","record":{"type":"person","first_name":"Ada","date_of_birth":"10/06/1993"},"provider_data":{}}"#,
            provider,
            &wrapped,
            &format!(r#"{{"status":"success","message":null,"data":{wrapped}}}"#),
            &format!("\u{feff}{provider}"),
        ] {
            let Ok(Parsed::Record(record)) = said("bvn", text) else {
                panic!("no record: {text}")
            };
            let Record::Person(person) = *record else {
                panic!("a person: {text}")
            };
            assert_eq!(person.first_name.as_deref(), Some("Ada"), "{text}");
            let born = person.date_of_birth.and_then(|born| born.date);
            assert_eq!(
                born.map(|day| day.to_string()).as_deref(),
                Some("1993-06-10")
            );
        }
        let company = said(
            "cac",
            r#"{"name":"Okoro Ltd","incorporated_on":"2001-02-03"}"#,
        );
        assert!(matches!(company, Ok(Parsed::Record(_))));
    }

    #[test]
    fn an_answer_without_a_record_may_be_a_verdict() {
        let of = |status: &str, message: &str| {
            let text = json!({ "status": status, "message": message, "data": null });
            said("bvn", &text.to_string())
        };
        assert!(matches!(of("success", ""), Ok(Parsed::NotFound)));
        assert!(matches!(
            of("error", "Record not found"),
            Ok(Parsed::NotFound)
        ));
        assert!(matches!(of("error", "Invalid BVN"), Ok(Parsed::Rejected)));
        for (status, message) in [
            ("error", "Too many calls"),
            ("error", "It rains"),
            ("success", "too many"),
        ] {
            assert!(of(status, message).is_err(), "{message}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_value_is_repeated() {
        for (kind, text, problem) in [
            ("bvn", "", "record is empty"),
            ("bvn", "<html>Zubairu</html>", "record is not JSON"),
            ("bvn", "7", "record is not a JSON object"),
            ("bvn", "{}", "record holds nothing"),
            (
                "bvn",
                r#"{"record":null,"verdict":"not_found"}"#,
                "record is missing",
            ),
            (
                "bvn",
                r#"{"type":"company","name":"Zubairu"}"#,
                "record.type does not fit the kind",
            ),
            (
                "cac",
                r#"{"type":"person","last_name":"Zubairu"}"#,
                "record.type does not fit the kind",
            ),
            (
                "bvn",
                r#"{"type":"person","lastname":"Zubairu"}"#,
                "record.lastname is not known",
            ),
            (
                "bvn",
                r#"{"type":"person","Zubairu":"x"}"#,
                "record.a field is not known",
            ),
            (
                "bvn",
                r#"{"type":"person","phones":"Zubairu"}"#,
                "record.phones cannot be read",
            ),
            (
                "bvn",
                r#"{"status":"success","data":["Zubairu"]}"#,
                "record cannot be read as an answer",
            ),
        ] {
            let refused = said(kind, text).err().unwrap();
            assert!(refused.contains(problem), "{text}: {refused}");
            assert!(!refused.contains("Zubairu"), "{refused}");
        }
    }
}
