//! What came of a verification: the verdict, why, and what the provider said.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Consent, Reason, Record};

/// What a completed verification says. A record that does not exist is a completed verification too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every claim that counts agrees with the record.
    Match,
    /// No claim that counts disagrees, but not everything was confirmed.
    PartialMatch,
    /// A claim that counts disagrees with the record.
    NoMatch,
    /// There is a record, and nothing was claimed.
    Found,
    /// The provider has no record that matches the request.
    NotFound,
    /// The provider rejected the input.
    Rejected,
}

impl Verdict {
    /// The name used in results, streams and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::PartialMatch => "partial_match",
            Self::NoMatch => "no_match",
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
        }
    }

    /// The sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Match => "Every claim that counts agrees with the record.",
            Self::PartialMatch => {
                "No claim that counts disagrees with the record, but not everything was confirmed."
            }
            Self::NoMatch => "A claim that counts disagrees with the record.",
            Self::Found => "There is a record, and nothing was claimed.",
            Self::NotFound => "The provider has no record that matches the request.",
            Self::Rejected => "The provider rejected the input.",
        }
    }
}

/// How one claim compares with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// They agree.
    Match,
    /// They agree in part, or nearly.
    Partial,
    /// They disagree.
    Mismatch,
    /// The record is blank: nothing can be said.
    Unknown,
}

/// One claim compared with the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The claimed field.
    pub field: String,
    /// How it compares.
    pub result: Match,
    /// From 0 (nothing in common) to 1 (the same).
    pub score: f64,
    /// The rule that decided.
    pub rule: String,
}

/// An image that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `photo` or `signature`.
    pub name: String,
    /// As its bytes say: `image/jpeg`.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the decoded image.
    pub bytes: usize,
    /// Of the decoded image, in hexadecimal.
    pub sha256: String,
    /// Where it stands, sealed, in the blob store.
    pub key: String,
}

/// What it took to get the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDetails {
    /// Calls sent over all attempts.
    pub calls: u32,
    /// Calls that may have been billed without an answer: they timed out, were cut, or their worker died.
    pub unanswered_calls: u32,
    /// The status of the answer.
    pub http_status: Option<u16>,
    /// When the last call was sent, by the queue's clock.
    pub requested_at: Timestamp,
    /// How long the last call took, in milliseconds.
    pub call_ms: u64,
    /// The answer came from a sandbox, not from the provider.
    pub sandbox: bool,
}

impl CallDetails {
    /// When the answer was there, in milliseconds since 1970.
    pub fn answered_ms(&self) -> i64 {
        let took = i64::try_from(self.call_ms).unwrap_or(i64::MAX);
        self.requested_at.as_millisecond().saturating_add(took)
    }
}

/// What came of a verification. Personal data: `Debug` shows the verdict only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it says.
    pub verdict: Verdict,
    /// Every claim compared with the record.
    pub checks: Vec<Check>,
    /// Why, and what else is to be known.
    pub reasons: Vec<Reason>,
    /// The record in our shape.
    pub record: Option<Record>,
    /// The provider's own JSON, without images.
    pub provider_data: Option<serde_json::Value>,
    /// The provider's own sentence, where it gave one.
    pub message: Option<String>,
    /// The images that were kept.
    pub images: Vec<Image>,
    /// What it took.
    pub call_details: CallDetails,
    /// The verification whose answer was reused; `None` when the provider was asked for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused: Option<Reused>,
    /// What the check was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The subject's agreement to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// An answer that was reused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reused {
    /// The verification for which the provider was asked.
    pub verification: String,
    /// When the provider answered.
    pub answered_at: Timestamp,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({})", self.verdict.as_str())
    }
}
