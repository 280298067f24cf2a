//! Why an attempt failed: one type, with one class by which [`crate::settle()`] decides what happens to the job.

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::ParkReason;

/// The class of a failure. [`crate::settle()`] decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The provider could not be reached, it failed, or something else answered in its place: 5xx, connection refused or reset,
    /// DNS, TLS, a gateway's page.
    Transient,
    /// The call was sent and had no answer: it may have been billed.
    Ambiguous,
    /// The answer is damaged: truncated, or in an encoding that cannot be decoded. Another call may return it intact.
    Damaged,
    /// The answer has a structure that this version does not know. Another call would return the same.
    Unreadable,
    /// The answer is about another number than the requested one.
    WrongRecord,
    /// The blob store failed. The answer is retained, and stored again without a call.
    Store,
    /// The provider reported an error with a success status.
    Refused,
    /// The provider requires a pause: of the time that it names, or else of growing length.
    Wait,
    /// The provider refuses the API key: no job of this kind can succeed.
    Key,
    /// The wallet is empty: no job of this kind can succeed.
    Wallet,
    /// A sandbox answered in the provider's place: every person in its answers is made up.
    Sandbox,
    /// Our own code or stored data failed.
    Internal,
    /// The job can never succeed.
    Hopeless,
    /// Nothing was sent, because the slot's time had passed or the kind was parked. The job is not the cause.
    Missed,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 14] = [
        Self::Transient,
        Self::Ambiguous,
        Self::Damaged,
        Self::Unreadable,
        Self::WrongRecord,
        Self::Store,
        Self::Refused,
        Self::Wait,
        Self::Key,
        Self::Wallet,
        Self::Sandbox,
        Self::Internal,
        Self::Hopeless,
        Self::Missed,
    ];

    /// Returns the name used in histories, counters and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Ambiguous => "ambiguous",
            Self::Damaged => "damaged",
            Self::Unreadable => "unreadable",
            Self::WrongRecord => "wrong_record",
            Self::Store => "store",
            Self::Refused => "refused",
            Self::Wait => "wait",
            Self::Key => "key",
            Self::Wallet => "wallet",
            Self::Sandbox => "sandbox",
            Self::Internal => "internal",
            Self::Hopeless => "hopeless",
            Self::Missed => "missed",
        }
    }

    /// Whether the failure indicates that the provider is down. Enough such failures open the circuit breaker of their kind.
    pub fn speaks_against_provider(self) -> bool {
        matches!(self, Self::Transient | Self::Ambiguous | Self::Damaged)
    }

    /// Returns the reason for parking the kind when most answers in a window end with this class, or `None` if that does not
    /// park it.
    pub fn parks_as(self) -> Option<ParkReason> {
        match self {
            Self::Unreadable => Some(ParkReason::UnreadableAnswers),
            Self::WrongRecord => Some(ParkReason::WrongRecords),
            _ => None,
        }
    }

    /// Whether the call had an answer, usable or not.
    fn is_answered(self) -> bool {
        matches!(
            self,
            Self::Damaged | Self::Unreadable | Self::WrongRecord | Self::Store
        )
    }
}

/// The call of an attempt, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Whether the call was sent, or may have been.
    pub sent: bool,
    /// Whether the call may have been billed without an answer.
    pub unanswered: bool,
    /// The HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The duration of the call, in milliseconds.
    pub ms: u64,
}

/// Why an attempt did not end with an outcome. It contains no personal data, because it is logged, stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    /// The class, by which the job is settled.
    pub class: Class,
    /// A stable code, such as `http_500`.
    pub code: String,
    /// A sentence for people.
    pub sentence: String,
    /// The pause that the provider requires.
    pub retry_after: Option<Duration>,
    /// The call, if one was made.
    pub call: Call,
    /// The answer, if it is to be retained with the job.
    pub kept: Option<Sealed>,
}

/// Sealed bytes. `Debug` shows only their number, and only the keys of the vault open them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Box<[u8]>);

impl Sealed {
    /// Wraps bytes that are already sealed.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into_boxed_slice())
    }

    /// Returns the sealed bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Failure {
    /// Creates a failure before any call.
    pub fn new(class: Class, code: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            class,
            code: code.into(),
            sentence: sentence.into(),
            retry_after: None,
            call: Call::default(),
            kept: None,
        }
    }

    /// Whether a call was sent and had no answer. A call whose answer cannot be read was answered.
    pub fn is_ambiguous(&self) -> bool {
        self.call.unanswered && !self.class.is_answered()
    }

    /// Returns the failure as a refusal of this job alone: the provider fails this job, but answers others.
    #[must_use]
    pub fn of_this_job_alone(&self) -> Self {
        Self {
            class: Class::Refused,
            ..self.clone()
        }
    }

    /// Adds the answer that is to be retained.
    #[must_use]
    pub fn keeping(mut self, answer: Sealed) -> Self {
        self.kept = Some(answer);
        self
    }

    /// Adds the call that was made.
    #[must_use]
    pub fn after(mut self, call: Call) -> Self {
        self.call = call;
        self
    }
}
