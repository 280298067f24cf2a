//! Reads a JSON object field by field and collects all refusals, so that a producer gets all faults of a job at once.
//!
//! A refusal never repeats the value, and it repeats a key only if that is a known field or close to one.

mod unknown;

use serde_json::{Map, Value};

use crate::{
    Sensitive,
    refusal::{Fault, Refusal, Refusals},
};

/// A JSON object that is read by taking fields out of it. Fields that remain at the end are refused.
pub struct Fields {
    prefix: String,
    left: Map<String, Value>,
    known: Vec<&'static str>,
    refusals: Vec<Refusal>,
}

impl Fields {
    /// Starts reading the top-level object of a request.
    pub fn new(object: Map<String, Value>) -> Self {
        Self::nested("", object)
    }

    fn nested(prefix: &str, object: Map<String, Value>) -> Self {
        Self {
            prefix: prefix.to_owned(),
            left: object,
            known: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Records a fault of `field`.
    pub fn refuse(&mut self, field: &str, fault: Fault) {
        self.refusals.push(Refusal {
            field: format!("{}{field}", self.prefix),
            problem: fault.problem,
            remedy: fault.remedy,
        });
    }

    /// Takes a value of any type. `null` counts as absent.
    pub fn value(&mut self, field: &'static str) -> Option<Value> {
        self.known.push(field);
        self.left.remove(field).filter(|value| !value.is_null())
    }

    /// Takes a text. A blank text counts as absent.
    pub fn text(&mut self, field: &'static str) -> Option<String> {
        match self.value(field)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            _ => {
                let fault = Fault::new(
                    "is not text",
                    "write it in quotation marks, so that leading zeros are kept",
                );
                self.refuse(field, fault);
                None
            }
        }
    }

    /// Takes a text and parses it.
    pub fn parsed<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let text = self.text(field)?;
        parse(&text).map_err(|fault| self.refuse(field, fault)).ok()
    }

    /// Takes a required text and parses it.
    pub fn required<T>(
        &mut self,
        field: &'static str,
        remedy: &str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let faults = self.refusals.len();
        let parsed = self.parsed(field, parse);
        if parsed.is_none() && self.refusals.len() == faults {
            self.refuse(field, Fault::new("is missing", remedy));
        }
        parsed
    }

    /// Takes a text with personal data: at most 200 characters, no control characters.
    pub fn sensitive(&mut self, field: &'static str) -> Option<Sensitive<String>> {
        self.parsed(field, plain_text)
    }

    /// Takes a nested object and reads it with `read`. Its faults are added to those of this object.
    pub fn object<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Fields) -> T,
    ) -> Option<T> {
        match self.value(field)? {
            Value::Object(object) => {
                let mut nested = Self::nested(&format!("{}{field}.", self.prefix), object);
                let value = read(&mut nested);
                nested.refuse_unknown();
                self.refusals.append(&mut nested.refusals);
                Some(value)
            }
            _ => {
                self.refuse(
                    field,
                    Fault::new("is not an object", "write it as {\"name\": \"value\"}"),
                );
                None
            }
        }
    }

    fn refuse_unknown(&mut self) {
        let mut known = std::mem::take(&mut self.known);
        known.sort_unstable();
        known.dedup();
        let left = std::mem::take(&mut self.left);
        let refusals = unknown::refusals(&self.prefix, left.keys(), &known);
        self.refusals.extend(refusals);
    }

    /// Ends the reading. Every field that was not taken is a fault.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Refusals> {
        self.refuse_unknown();
        match value {
            Some(value) if self.refusals.is_empty() => Ok(value),
            _ if self.refusals.is_empty() => Err(Refusals::one(
                "job",
                "is incomplete",
                "see the fields of its kind",
            )),
            _ => Err(Refusals::new(self.refusals)),
        }
    }
}

/// Accepts a line of plain text of at most 200 characters.
pub fn plain_text(text: &str) -> Result<Sensitive<String>, Fault> {
    if text.chars().count() > 200 {
        return Err(Fault::new("is longer than 200 characters", "shorten it"));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::new(
            "has control characters",
            "send one line of plain text",
        ));
    }
    Ok(Sensitive::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        let Value::Object(object) = serde_json::from_str(text).unwrap() else {
            panic!("an object")
        };
        Fields::new(object)
    }

    #[test]
    fn all_faults_are_reported_at_once_and_none_repeats_a_value() {
        let mut job = fields(
            r#"{"nin": 12345678901, "claims": {"lastName": "Okafor", "": 1}, "x22212345678": 1}"#,
        );
        job.required("nin", "give 11 digits", plain_text);
        job.required("kind", "name a kind", plain_text);
        job.object("claims", |claims| claims.sensitive("last_name"));
        let text = job.finish(Some(())).unwrap_err().to_string();
        for part in [
            "nin is not text",
            "kind is missing",
            "claims.lastName is not known; perhaps last_name was meant; known here: last_name",
            "claims has a field that is not known; known here: last_name",
            "job has a field that is not known; known here: claims, kind, nin",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        for value in ["12345678901", "Okafor", "22212345678"] {
            assert!(!text.contains(value), "{value} in {text}");
        }
    }

    #[test]
    fn null_and_blank_are_absent() {
        let mut job = fields(r#"{"a": null, "b": "  "}"#);
        assert_eq!(job.text("a"), None);
        assert_eq!(job.text("b"), None);
        assert!(job.finish(Some(())).is_ok());
    }
}
