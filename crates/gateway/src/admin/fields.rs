//! The fields of a JSON body, taken one by one. All faults are told together, and fields that nobody took are refused by name.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use kyc_queue::check_note;
use serde_json::{Map, Value};

use crate::{
    extract::optional,
    problem::{FieldError, Kind, Problem},
};

/// The longest time that a field can hold: 100 years.
const LONGEST: Duration = Duration::from_secs(36_500 * 86_400);
/// The most digits of an unknown name that is repeated: every number of a person has more.
const MOST_DIGITS: usize = 6;

/// The fields of a body. A missing body, or `null`, has none.
#[derive(Default)]
pub(super) struct Fields {
    is_missing: bool,
    left: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = optional(request).await?;
        match bytes.map(|bytes| serde_json::from_slice(&bytes)) {
            Some(Ok(Value::Object(left))) => Ok(Self {
                left,
                ..Self::default()
            }),
            None | Some(Ok(Value::Null)) => Ok(Self {
                is_missing: true,
                ..Self::default()
            }),
            Some(_) => Err(no_object()),
        }
    }
}

fn no_object() -> Problem {
    refused(vec![FieldError {
        pointer: String::new(),
        problem: "is not a JSON object".to_owned(),
        remedy: "write an object, such as {}".to_owned(),
    }])
}

impl Fields {
    /// Refuses a missing body, where no fields would mean something else.
    pub(super) fn required(self) -> Result<Self, Problem> {
        if self.is_missing {
            return Err(no_object());
        }
        Ok(self)
    }

    /// Takes a field.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.shift_remove(name)
    }

    /// Notes a fault of a field.
    pub(super) fn wrong(&mut self, name: &str, problem: &str, remedy: &str) {
        self.errors.push(FieldError {
            pointer: format!("/{name}"),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    /// Takes a text. `null` is the same as no field.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::Null => None,
            Value::String(text) => Some(text),
            _ => {
                self.wrong(name, "is not a text", "write it in quotation marks");
                None
            }
        }
    }

    /// Takes a whole number. `null` is the same as no field.
    pub(super) fn number<T: TryFrom<u64>>(&mut self, name: &str, remedy: &str) -> Option<T> {
        let value = self.take(name).filter(|value| !value.is_null())?;
        let number = value.as_u64().and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.wrong(name, "is not a whole number in range", remedy);
        }
        number
    }

    /// Takes a time span such as `30s`.
    pub(super) fn duration(&mut self, name: &str) -> Option<Duration> {
        let text = self.text(name)?;
        let read = duration(&text);
        if read.is_none() {
            let remedy = "write a number and a unit, like 30s, 15m, 2h or 7d";
            self.wrong(name, "is not a time span", remedy);
        }
        read
    }

    /// Takes a note for people, which is logged and shown, and must hold no personal data.
    pub(super) fn note(&mut self, name: &str) -> String {
        let text = self.text(name).unwrap_or_default();
        if let Err(fault) = check_note(&text) {
            self.wrong(name, fault.problem, fault.remedy);
        }
        text
    }

    /// Refuses what was wrong, and fields that nobody took.
    pub(super) fn end(mut self) -> Result<(), Problem> {
        let unknown: Vec<String> = self.left.keys().cloned().collect();
        for name in unknown {
            self.errors.push(FieldError {
                pointer: pointer(&name),
                problem: "is not a field of this body".to_owned(),
                remedy: "leave it out, or see the fields at /openapi.json".to_owned(),
            });
        }
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(refused(self.errors))
    }
}

fn pointer(name: &str) -> String {
    // A name can be anything, also a number that was written in the wrong place.
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if name.chars().count() > 64 || digits > MOST_DIGITS {
        return String::new();
    }
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn refused(errors: Vec<FieldError>) -> Problem {
    let named = |error: &FieldError| {
        let name = error.pointer.trim_start_matches('/');
        let name = if name.is_empty() { "the body" } else { name };
        format!("{name} {}; {}", error.problem, error.remedy)
    };
    let detail: Vec<String> = errors.iter().map(named).collect();
    let remedy = "correct the fields in errors, and send the request again";
    Problem {
        errors,
        ..Problem::new(Kind::INVALID_BODY, detail.join(". "), remedy)
    }
}

fn duration(text: &str) -> Option<Duration> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
    let (digits, seconds) = units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))?;
    let count: u64 = digits.parse().ok()?;
    let time = Duration::from_secs(count.checked_mul(seconds)?);
    (Duration::from_secs(1)..=LONGEST)
        .contains(&time)
        .then_some(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: &Value) -> Fields {
        Fields {
            left: body.as_object().expect("an object").clone(),
            ..Fields::default()
        }
    }

    #[test]
    fn every_fault_is_told_by_name_and_without_its_value() {
        let mut body = fields(&json!({
            "a": 1, "b": "long", "n": "call 22200000000", "22200000000": 1, "c/d": 1, "ok": "x",
        }));
        assert_eq!(body.text("ok").as_deref(), Some("x"));
        assert_eq!((body.text("a"), body.duration("b")), (None, None));
        body.note("n");
        let problem = body.end().expect_err("faults");
        let pointers: Vec<_> = problem.errors.iter().map(|error| &*error.pointer).collect();
        assert_eq!(pointers, ["/a", "/b", "/n", "", "/c~1d"]);
        assert!(!format!("{problem:?}").contains("22200000000"));
    }

    #[test]
    fn a_time_span_has_a_unit_and_a_bound() {
        for (text, seconds) in [("30s", 30), ("15m", 900), ("2h", 7200), ("7d", 604_800)] {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)));
        }
        for wrong in [
            "",
            "s",
            "30",
            "0s",
            "-1s",
            "1.5h",
            "36501d",
            "99999999999999999999d",
        ] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
