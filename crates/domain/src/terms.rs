//! The terms of a verification: for whom, when, how often, and with which consent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Fields, Sensitive, refusal::Fault};

/// The name of a tenant: at most 64 characters of `a-z`, `0-9`, `-` and `_`. It is the first folder of a blob's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Tenant(String);

/// `inbox:rejected` is the stream of rejected jobs, so no tenant can have an inbox of that name.
const RESERVED: &str = "rejected";

impl Tenant {
    /// The tenant of a job that names none.
    pub const DEFAULT: &str = "default";

    /// Parses a tenant's name.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if text == RESERVED {
            return Err(Fault::new("is reserved", "use another name"));
        }
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(Fault::new(
            "is not a tenant",
            "use 1 to 64 of a-z, 0-9, - and _",
        ))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

/// Which waiting jobs of a kind go first. The queue takes all priorities in weighted turns, so none starves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A customer is waiting.
    High,
    /// The default.
    #[default]
    Normal,
    /// A backlog that is not urgent.
    Low,
}

impl Priority {
    /// Returns the name used in jobs, keys and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// Parses `high`, `normal` or `low`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        [Self::High, Self::Normal, Self::Low]
            .into_iter()
            .find(|priority| priority.as_str() == text)
            .ok_or_else(|| Fault::new("is not a priority", "write high, normal or low"))
    }
}

/// The subject's consent, as the law requires it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// When it was given.
    pub obtained_at: Timestamp,
    /// The producer's own record of the consent.
    pub reference: String,
}

/// All fields of a request that are not about the subject.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The producer's own id.
    pub reference: Option<String>,
    /// The tenant; `default` if not given.
    pub tenant: Tenant,
    /// The priority among waiting jobs.
    pub priority: Priority,
    /// Two jobs of a tenant with the same key are one job. The key may contain personal data, so only a keyed hash is stored.
    pub idempotency_key: Option<Sensitive<String>>,
    /// The job does not start before this time.
    pub not_before: Option<Timestamp>,
    /// The job ends after this time, even if attempts are left.
    pub deadline: Option<Timestamp>,
    /// The limit of attempts; the worker's default if not given.
    pub max_attempts: Option<u32>,
    /// Where to post the result.
    pub callback_url: Option<Sensitive<String>>,
    /// The purpose of the verification.
    pub purpose: Option<String>,
    /// Whether to call the provider even if an answer could be reused.
    pub fresh: bool,
    /// The subject's consent.
    pub consent: Option<Consent>,
}

impl Terms {
    /// Takes the terms out of a request.
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            reference: fields.parsed("reference", |text| label(text, 128)),
            tenant: fields.parsed("tenant", Tenant::parse).unwrap_or_default(),
            priority: fields
                .parsed("priority", Priority::parse)
                .unwrap_or_default(),
            idempotency_key: fields.sensitive("idempotency_key"),
            not_before: fields.parsed("not_before", timestamp),
            deadline: fields.parsed("deadline", timestamp),
            max_attempts: max_attempts(fields),
            callback_url: fields.parsed("callback_url", callback_url),
            purpose: fields.parsed("purpose", |text| label(text, 64)),
            fresh: fresh(fields),
            consent: fields.object("consent", consent).flatten(),
        }
    }

    /// Adds the terms to a JSON object, for the sealed request.
    pub fn write(&self, object: &mut serde_json::Map<String, Value>) {
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), Value::String(value));
            }
        };
        put("reference", self.reference.clone());
        put("tenant", Some(self.tenant.as_str().to_owned()));
        put("priority", Some(self.priority.as_str().to_owned()));
        put(
            "idempotency_key",
            self.idempotency_key
                .as_ref()
                .map(|key| key.expose().clone()),
        );
        put("not_before", self.not_before.map(|at| at.to_string()));
        put("deadline", self.deadline.map(|at| at.to_string()));
        put(
            "callback_url",
            self.callback_url.as_ref().map(|url| url.expose().clone()),
        );
        put("purpose", self.purpose.clone());
        if self.fresh {
            object.insert("fresh".to_owned(), true.into());
        }
        if let Some(attempts) = self.max_attempts {
            object.insert("max_attempts".to_owned(), attempts.into());
        }
        if let Some(consent) = &self.consent {
            let consent = serde_json::json!({
                "obtained_at": consent.obtained_at.to_string(), "reference": consent.reference,
            });
            object.insert("consent".to_owned(), consent);
        }
    }
}

/// Accepts a short name that the producer chooses: printable ASCII of at most `at_most` characters.
pub fn label(text: &str, at_most: usize) -> Result<String, Fault> {
    if text.len() <= at_most && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Ok(text.to_owned());
    }
    Err(Fault::new(
        format!("is not a name of at most {at_most} characters"),
        "use printable ASCII characters",
    ))
}

fn timestamp(text: &str) -> Result<Timestamp, Fault> {
    text.parse()
        .map_err(|_| Fault::new("is not a time", "write it like 2026-01-31T14:30:00Z"))
}

fn max_attempts(fields: &mut Fields) -> Option<u32> {
    let value = fields.value("max_attempts")?;
    let attempts = value
        .as_u64()
        .filter(|attempts| (1..=100).contains(attempts));
    if attempts.is_none() {
        fields.refuse(
            "max_attempts",
            Fault::new(
                "is not a number of attempts",
                "write a whole number from 1 to 100",
            ),
        );
    }
    attempts.and_then(|attempts| u32::try_from(attempts).ok())
}

fn fresh(fields: &mut Fields) -> bool {
    let value = fields.value("fresh");
    let fresh = value.as_ref().map_or(Some(false), Value::as_bool);
    if fresh.is_none() {
        fields.refuse(
            "fresh",
            Fault::new("is not true or false", "write true or false"),
        );
    }
    fresh.unwrap_or_default()
}

fn callback_url(text: &str) -> Result<Sensitive<String>, Fault> {
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && text.len() <= 2048 && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Sensitive::from(text));
    }
    Err(Fault::new(
        "is not a web address",
        "write it like https://example.com/kyc/results",
    ))
}

fn consent(fields: &mut Fields) -> Option<Consent> {
    let obtained_at = fields.required("obtained_at", "say when the consent was given", timestamp);
    let reference = fields.required("reference", "name your own record of the consent", |text| {
        label(text, 128)
    });
    Some(Consent {
        obtained_at: obtained_at?,
        reference: reference?,
    })
}
