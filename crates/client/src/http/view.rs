//! Answers of the API. Their fields are those of its document; unknown ones of later versions are ignored.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A job that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Submitted {
    /// The id of the verification.
    pub id: String,
    /// Whether the same job had been submitted before, with the same idempotency key.
    pub existing: bool,
}

/// A verification.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// Its id.
    pub id: String,
    /// Where it is, or how it ended.
    pub state: State,
    /// What is verified, and how, such as `bvn`.
    pub kind: String,
    /// Its tenant.
    pub tenant: String,
    /// Your own id; empty without one.
    #[serde(default)]
    pub reference: String,
    /// The number, masked.
    pub number: String,
    /// `high`, `normal` or `low`.
    pub priority: String,
    /// When it was submitted or accepted.
    pub submitted_at: Timestamp,
    /// Why it waits, and until when.
    pub waiting: Option<Waiting>,
    /// The verdict of a completed one.
    pub verdict: Option<Verdict>,
    /// Why it is dead, or why its last attempt failed: a stable code.
    pub code: Option<String>,
    /// The same in a sentence for people.
    pub sentence: Option<String>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The deadline that it was submitted with.
    pub deadline: Option<Timestamp>,
    /// Attempts so far.
    pub attempts: u32,
    /// Calls to the provider in all attempts.
    pub calls: u32,
    /// Calls that may have been billed without an answer.
    pub unanswered_calls: u32,
    /// Its attempts, the oldest first.
    pub history: Vec<Attempt>,
    /// The comparison of each claim with the record, where the server has keys.
    pub checks: Option<Vec<Check>>,
    /// Why the verdict is what it is, where the server has keys.
    pub reasons: Option<Vec<Reason>>,
    /// Whether a sandbox answered, so that the person is made up.
    pub sandbox: Option<bool>,
    /// The verification whose answer was reused, if no call was made for this one.
    pub reused: Option<String>,
    /// The record; for API keys with the role `reveal`, as are the next two.
    pub record: Option<Private>,
    /// The provider's own JSON, without images.
    pub provider_data: Option<Private>,
    /// The images, for [`Client::image`](super::Client::image).
    pub images: Option<Vec<Image>>,
}

impl Verification {
    /// Returns whether nothing more will happen to it by itself.
    pub fn has_ended(&self) -> bool {
        !matches!(self.state, State::Waiting | State::Running)
    }
}

/// The state of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It waits for a worker, a time, a limit or a decision.
    Waiting,
    /// A worker has it.
    Running,
    /// It has a verdict.
    Completed,
    /// It ended without one; the code says why.
    Dead,
    /// It was cancelled.
    Cancelled,
    /// No worker accepts it; the sentence says why.
    Refused,
    /// A state of a later version.
    #[serde(other)]
    Other,
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// All that was claimed agrees.
    Match,
    /// Some of it does.
    PartialMatch,
    /// It does not.
    NoMatch,
    /// There is a record, and nothing was claimed.
    Found,
    /// There is none.
    NotFound,
    /// The provider refused the input.
    Rejected,
    /// A verdict of a later version.
    #[serde(other)]
    Other,
}

/// Why a verification waits, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Waiting {
    /// A stable code.
    pub why: String,
    /// The kind, or `account`, whose limit or pause it is.
    pub scope: Option<String>,
    /// The verification whose answer it waits for.
    pub leader: Option<String>,
    /// Until when this applies.
    pub until: Option<Timestamp>,
    /// How many of its kind are sent before it.
    pub ahead: Option<u64>,
    /// When it will be sent if nothing else intervenes.
    pub expected_at: Option<Timestamp>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// Its number, from 1.
    pub attempt: u32,
    /// How it ended: `completed`, `reused`, or the class of a failure.
    pub class: String,
    /// The code of the failure.
    pub code: Option<String>,
    /// The HTTP status of the provider's answer.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub ms: Option<u64>,
}

/// One claim compared with the record.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Check {
    /// The claimed field.
    pub field: String,
    /// How it compares.
    pub result: CheckResult,
    /// From 0 (nothing in common) to 1 (the same).
    pub score: f64,
    /// The rule that decided.
    pub rule: String,
}

/// How a claim compares with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckResult {
    /// It agrees.
    Match,
    /// It agrees in part.
    Partial,
    /// It does not.
    Mismatch,
    /// The record does not tell.
    Unknown,
    /// A result of a later version.
    #[serde(other)]
    Other,
}

/// A reason for a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Reason {
    /// The stable code.
    pub code: String,
    /// A sentence for people.
    pub sentence: String,
    /// Whether the subject may be told.
    pub tell_subject: bool,
    /// Whether another request can help.
    pub ask_again: bool,
}

/// An image of the record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Image {
    /// `photo` or `signature`.
    pub name: String,
    /// Its media type, such as `image/jpeg`.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size in bytes.
    pub bytes: usize,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// A page of verifications.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Page {
    /// The verifications, without what came out.
    pub verifications: Vec<Verification>,
    /// The cursor of the next page, for [`Filter::cursor`](super::Filter::cursor); `None` at the end.
    pub next: Option<String>,
}

/// Personal data in JSON. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Private(Value);

impl Private {
    /// Returns the JSON. It must not reach a log.
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(***)")
    }
}
