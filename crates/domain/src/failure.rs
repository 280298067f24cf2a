//! What went wrong with an attempt: one type, with one class that decides what becomes of the job.

use std::time::Duration;

use serde::Serialize;

/// What kind of trouble it was. [`crate::settle()`] knows what follows from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing came through, or the source failed: 5xx, refused, reset, DNS, TLS.
    Transient,
    /// The call was sent and no answer came: it may have been billed.
    Ambiguous,
    /// The answer could not be read: not JSON, truncated, wrong shape, too large.
    Unreadable,
    /// The source said, in a success status, that it failed.
    Refused,
    /// The source asks to wait: for the time it named, or for growing pauses.
    Wait,
    /// The source refuses the key: no job of this kind can succeed.
    Key,
    /// The wallet is empty: no job of this kind can succeed.
    Wallet,
    /// Our own store or code failed.
    Internal,
    /// The job can never succeed.
    Hopeless,
    /// Nothing was sent, since the slot had passed or its kind was parked: not the job's fault.
    Missed,
}

impl Class {
    /// The name used in histories, counters and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Ambiguous => "ambiguous",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::Wait => "wait",
            Self::Key => "key",
            Self::Wallet => "wallet",
            Self::Internal => "internal",
            Self::Hopeless => "hopeless",
            Self::Missed => "missed",
        }
    }

    /// Whether the source itself seems to be down: enough such failures open the circuit of their kind.
    pub fn speaks_against_source(self) -> bool {
        matches!(self, Self::Transient | Self::Ambiguous | Self::Unreadable)
    }
}

/// The call an attempt made, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Call {
    /// It was sent, or may have been.
    pub sent: bool,
    /// It may have been billed although no answer came.
    pub unanswered: bool,
    /// Status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// Why an attempt did not end in an outcome. Holds nothing personal: it is logged, stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    /// What follows from it.
    pub class: Class,
    /// Stable code: `http_500`.
    pub code: String,
    /// A sentence for people.
    pub sentence: String,
    /// How long the source asks to wait.
    pub retry_after: Option<Duration>,
    /// The call, where one was made.
    pub call: Call,
}

impl Failure {
    /// A failure before any call.
    pub fn new(class: Class, code: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            class,
            code: code.into(),
            sentence: sentence.into(),
            retry_after: None,
            call: Call::default(),
        }
    }

    /// A call was sent, and nobody knows what came of it. An answer that could not be read did come.
    pub fn is_ambiguous(&self) -> bool {
        self.call.unanswered && self.class != Class::Unreadable
    }

    /// The same failure, with the call that was made.
    #[must_use]
    pub fn after(mut self, call: Call) -> Self {
        self.call = call;
        self
    }
}
