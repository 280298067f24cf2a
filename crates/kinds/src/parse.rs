//! Parses a job's JSON into a [`Request`]. Every job passes through here.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::{Claims, Fault, Fields, Refusals, Request, Terms, number::Validation};
use serde_json::{Map, Value};

use crate::{Kind, find, names};

/// The rules for a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// How strictly numbers are compared with their form.
    pub validation: Validation,
    /// Refuse jobs without the subject's consent.
    pub require_consent: bool,
    /// How long jobs may wait. A job that names a later time is refused. `None` for no bound.
    pub keep_waiting: Option<Duration>,
}

impl Rules {
    /// The rules for a job that was accepted before. A rule that was tightened since then must not lose it.
    pub const ACCEPTED: Self = Self {
        validation: Validation::Lenient,
        require_consent: false,
        keep_waiting: None,
    };
}

/// Parses a job.
///
/// # Errors
/// Reports all faults at once. None of them repeats a value of the job.
pub fn parse(job: &[u8], rules: Rules) -> Result<Request, Refusals> {
    if job.len() > LARGEST {
        return Err(Refusals::one("job", "is larger than 64 KiB", EXAMPLE));
    }
    let object = match serde_json::from_slice(job) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(Refusals::one("job", "is not a JSON object", EXAMPLE)),
        Err(error) => {
            // The message of serde_json can quote the job.
            let problem = format!(
                "is not JSON (line {}, column {})",
                error.line(),
                error.column()
            );
            return Err(Refusals::one("job", &problem, EXAMPLE));
        }
    };
    read(object, rules)
}

/// Reads a job that is parsed as JSON already.
///
/// # Errors
/// As of [`parse`].
pub fn read(job: Map<String, Value>, rules: Rules) -> Result<Request, Refusals> {
    let mut fields = Fields::new(job);
    let Some(kind) = kind(&mut fields) else {
        // Without a kind, no other field can be checked.
        let known: Vec<&str> = names().collect();
        let remedy = format!("name one of: {}", known.join(", "));
        return Err(Refusals::one("kind", "is missing or not known", &remedy));
    };
    let subject = (kind.subject)(&mut fields, rules.validation);
    let claims = Claims::read(&mut fields, kind.claims);
    let terms = Terms::read(&mut fields);
    if rules.require_consent && terms.consent.is_none() {
        fields.refuse(
            "consent",
            Fault::new(
                "is missing",
                "give the time of the subject's consent and the reference of its record",
            ),
        );
    }
    if let Some(longest) = rules.keep_waiting {
        for (field, at) in [
            ("not_before", terms.not_before),
            ("deadline", terms.deadline),
        ] {
            if at.is_some_and(|at| is_too_late(at, longest)) {
                fields.refuse(field, too_late(longest));
            }
        }
    }
    let subject = fields.finish(subject)?;
    Request::new(kind.name, subject, claims, terms)
}

/// Returns whether a time is further ahead than jobs may wait.
fn is_too_late(at: Timestamp, longest: Duration) -> bool {
    Duration::try_from(at.duration_since(Timestamp::now())).is_ok_and(|ahead| ahead > longest)
}

fn too_late(longest: Duration) -> Fault {
    let hours = longest.as_secs() / 3600;
    let longest = match (hours / 24, hours % 24) {
        (days @ 1.., 0) => format!("{days} d"),
        _ => format!("{hours} h"),
    };
    Fault::new(
        format!("is further ahead than jobs may wait ({longest})"),
        format!("choose a time at most {longest} ahead, or raise the setting keep_waiting"),
    )
}

/// The size of the largest job, in bytes: far more than all fields can hold.
const LARGEST: usize = 64 << 10;

const EXAMPLE: &str =
    r#"write it like {"kind": "nin", "nin": "12345678000", "reference": "loan-1"}"#;

fn kind(fields: &mut Fields) -> Option<&'static Kind> {
    find(fields.text("kind")?.as_str())
}
