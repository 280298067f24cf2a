//! A verification as the queue shows it.

use jiff::Timestamp;
use kyc_domain::{Outcome, VerificationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Ready, scheduled, or held for a decision.
    Waiting,
    /// Leased to a worker.
    Running,
    /// Ended with an outcome.
    Completed,
    /// Ended without an outcome; the code says why.
    Dead,
    /// Cancelled by hand.
    Cancelled,
}

impl State {
    /// Returns the name used in Redis, in results and in pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns whether the job has ended.
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
    /// The reason, one of:
    ///
    /// - for a time: `not_before`; `retry` for the next attempt; `isolated` if the provider answers
    ///   others of its kind, but not this one;
    /// - for its retained answer, which needs no call: `blob_store` until its images can be stored;
    ///   `reread` until a worker reads it;
    /// - in the ready queue, the first that applies: why its kind or the account is closed
    ///   (`retry_after`, `throttled`, `circuit_open`, `key_refused`, `wallet_empty`, `paused`), a
    ///   limit (`daily_quota`, `in_flight`, `rate`), `probing` while one call at a time tries a
    ///   provider that failed, or `ready` if only other jobs are ahead;
    /// - with a coalescing key: `coalesced` while it follows another job; `cached` when its answer
    ///   exists and it waits for a worker;
    /// - instead of waiting for others or for a worker: `key_records` while a worker cannot reach the
    ///   store of key records;
    /// - held for a decision: `may_be_billed`, since a call had no answer.
    pub why: String,
    /// The verification that it follows and whose answer it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<VerificationId>,
    /// The scope of that limit or pause: its kind, or `account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Until when the reason applies, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The number of jobs of its kind that are sent before it, as long as no more urgent ones come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u64>,
    /// When it will be sent if nothing else intervenes; `None` if that cannot be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
}

impl Waiting {
    const MAY_BE_BILLED: &str = "may_be_billed";

    /// Returns the reason of a job that is held until a person decides whether to call again.
    pub(crate) fn for_a_person() -> Self {
        Self::new(Self::MAY_BE_BILLED, None)
    }

    /// Returns whether the job is held for a decision: a person retries it or cancels it.
    pub fn is_for_a_person(&self) -> bool {
        self.why == Self::MAY_BE_BILLED
    }

    /// Returns the reason of a job that waits for nothing but a worker or a limit, while workers cannot reach the store of key
    /// records.
    pub(crate) fn for_key_records(self) -> Self {
        const BY_ITSELF: [&str; 7] = [
            "ready",
            "rate",
            "in_flight",
            "probing",
            "cached",
            "coalesced",
            "reread",
        ];
        if !BY_ITSELF.contains(&self.why.as_str()) {
            return self;
        }
        Self {
            ahead: self.ahead,
            ..Self::new("key_records", None)
        }
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

/// One attempt, or one stall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended, in milliseconds since 1970.
    pub at: i64,
    /// Its number, from 1.
    pub attempt: u32,
    /// `completed`, `reused` (completed with a cached answer), `reread` (completed with its
    /// retained answer), `stalled`, `shared` (the leader died of the provider's failure), or the
    /// failure's class.
    pub class: String,
    /// The failure's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Its duration, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// A verification as the queue shows it. Only `outcome` contains personal data.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Its kind.
    pub kind: String,
    /// Its tenant.
    pub tenant: String,
    /// The producer's own id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The number to be verified, masked.
    pub number: String,
    /// `high`, `normal` or `low`.
    pub priority: String,
    /// Its state.
    pub state: State,
    /// The worker that has its lease.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// Why it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The verdict, once it is completed.
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
    /// Workers that died or hung while they had the job.
    pub stalls: u32,
    /// Calls sent in all attempts.
    pub calls: u32,
    /// Calls that may have been billed without an answer.
    pub unanswered_calls: u32,
    /// When it was accepted.
    pub enqueued_at: Timestamp,
    /// Its deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Whether an answer that could not be read or stored is retained with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub answer_retained: bool,
    /// Whether its key record is gone, so that nothing that was sealed of it can be opened, and its verdict is not shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
    /// Its attempts and stalls so far.
    pub history: Vec<Attempt>,
    /// Its outcome.
    #[serde(skip)]
    pub outcome: Option<Outcome>,
}

impl Verification {
    /// Returns everything as one JSON object, with the outcome's fields beside the job's. Contains
    /// personal data.
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
