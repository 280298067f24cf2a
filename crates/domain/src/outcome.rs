//! The outcome of a verification: the verdict, the reasons, and the answer of the provider.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Consent, Reason, Record};

/// The verdict of a completed verification. A verification without a record is completed, too.
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
    /// Returns the name used in results, streams and metrics.
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

    /// Returns the sentence for people.
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
    /// They agree partly, or nearly.
    Partial,
    /// They disagree.
    Mismatch,
    /// The record has nothing to compare with.
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

/// An image that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `photo` or `signature`.
    pub name: String,
    /// The media type according to its bytes: `image/jpeg`.
    pub media_type: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the decoded image in bytes.
    pub bytes: usize,
    /// SHA-256 of the decoded image, in hexadecimal.
    pub sha256: String,
    /// The key of the sealed image in the blob store.
    pub key: String,
}

/// The calls that led to the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDetails {
    /// Calls sent in all attempts.
    pub calls: u32,
    /// Calls that may have been billed without an answer: they timed out, the connection broke, or the worker died.
    pub unanswered_calls: u32,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// When the last call was sent, by the queue's clock.
    pub requested_at: Timestamp,
    /// The duration of the last call, in milliseconds.
    pub call_ms: u64,
    /// Whether the answer came from a sandbox instead of the provider.
    pub sandbox: bool,
}

impl CallDetails {
    /// Returns when the answer arrived, in milliseconds since 1970.
    pub fn answered_ms(&self) -> i64 {
        let took = i64::try_from(self.call_ms).unwrap_or(i64::MAX);
        self.requested_at.as_millisecond().saturating_add(took)
    }
}

/// The outcome of a verification. It is personal data, so `Debug` shows only the verdict.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// The comparison of each claim with the record.
    pub checks: Vec<Check>,
    /// Why the verdict is what it is, and what else is notable.
    pub reasons: Vec<Reason>,
    /// The record in our shape.
    pub record: Option<Record>,
    /// The provider's JSON, without images.
    pub provider_data: Option<serde_json::Value>,
    /// The provider's message, if it sent one.
    pub message: Option<String>,
    /// The images that were stored.
    pub images: Vec<Image>,
    /// The calls that led to the answer.
    pub call_details: CallDetails,
    /// The verification whose answer was reused. `None` if the provider was called for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused: Option<Reused>,
    /// The purpose of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The subject's consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// An answer that was reused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reused {
    /// The verification for which the provider was called.
    pub verification: String,
    /// When the provider answered.
    pub answered_at: Timestamp,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({})", self.verdict.as_str())
    }
}
