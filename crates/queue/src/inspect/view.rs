//! What the queue tells of a verification.

use jiff::Timestamp;
use kyc_domain::{Outcome, VerificationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Ready, or waiting for its time.
    Waiting,
    /// With a worker.
    Running,
    /// There is an outcome.
    Completed,
    /// Given up; the code says why.
    Dead,
    /// Called off.
    Cancelled,
}

impl State {
    /// The name used in Redis, results and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Dead | Self::Cancelled)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [
            Self::Waiting,
            Self::Running,
            Self::Completed,
            Self::Dead,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }
}

/// Why a job waits, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// For a time: `not_before`, `retry` for the next attempt, or `isolated` where the provider answers others of its kind and
    /// not this one. Where its answer is there and makes no call: `blob_store` until its images can be stored, or `reread`
    /// until a worker reads it. Ready, the first that holds it: why its kind or the
    /// account is parked (`retry_after`, `throttled`, `circuit_open`, `key_refused`, `wallet_empty`, `paused`), a limit
    /// (`daily_quota`, `in_flight`, `rate`), `probing` while one call at a time tries a provider that failed, or `ready`
    /// when only others are before it. Where answers are reused: `coalesced` while another job asks the same, and
    /// `cached` when its answer is there and a worker is waited for. For a person: `may_be_billed`, since a call had no
    /// answer.
    pub why: String,
    /// The verification that asks the same, and whose answer it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<VerificationId>,
    /// Whose limit or pause that is: its kind, or `account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Until when that holds, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Jobs of its kind that are sent before it, as long as no more urgent ones come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u64>,
    /// When its turn comes, with nothing else in the way; `None` where nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
}

impl Waiting {
    const MAY_BE_BILLED: &str = "may_be_billed";

    /// It waits until a person says whether it is called again, whatever time it takes.
    pub(crate) fn for_a_person() -> Self {
        Self::new(Self::MAY_BE_BILLED, None)
    }

    /// Whether only a person ends this: by retrying the job, or calling it off.
    pub fn is_for_a_person(&self) -> bool {
        self.why == Self::MAY_BE_BILLED
    }

    pub(crate) fn new(why: impl Into<String>, until: Option<Timestamp>) -> Self {
        Self {
            why: why.into(),
            until,
            leader: None,
            scope: None,
            ahead: None,
            expected_at: None,
        }
    }
}

/// One attempt, or one worker that was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended, in milliseconds since 1970.
    pub at: i64,
    /// Its number, from 1.
    pub attempt: u32,
    /// `completed`, `reused` (completed without a call), `reread` (completed by an answer that was kept), `stalled`, `shared` (whoever asked the same failed for good), or the
    /// failure's class.
    pub class: String,
    /// The failure's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// A verification as the queue knows it. Holds no person's data but in `outcome`.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub tenant: String,
    /// The caller's own id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The number that was asked about, masked.
    pub number: String,
    /// `high`, `normal` or `low`.
    pub priority: String,
    /// Where it stands.
    pub state: State,
    /// The worker that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// Why it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// What it says, once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The code of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The last failure in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// Attempts spent.
    pub attempts: u32,
    /// Workers that died or hung with it.
    pub stalls: u32,
    /// Calls sent over all attempts.
    pub calls: u32,
    /// Calls that may have been billed without an answer.
    pub unanswered_calls: u32,
    /// When it was accepted.
    pub enqueued_at: Timestamp,
    /// Its last moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// An answer of the provider is kept with it that could not be read, or stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub answer_retained: bool,
    /// What happened so far.
    pub history: Vec<Attempt>,
    /// What came of it.
    #[serde(skip)]
    pub outcome: Option<Outcome>,
}

impl Verification {
    /// All that is known as one JSON object: the outcome's fields stand beside the job's. Personal data.
    pub fn to_json(&self) -> Value {
        let mut whole = serde_json::to_value(self).unwrap_or_default();
        if let (Some(outcome), Some(object)) = (&self.outcome, whole.as_object_mut())
            && let Ok(Value::Object(fields)) = serde_json::to_value(outcome)
        {
            object.extend(fields);
        }
        whole
    }
}
