//! What went wrong with an attempt: one type, with one class that decides what becomes of the job.

use std::{fmt, time::Duration};

use serde::Serialize;

use crate::ParkReason;

/// What kind of trouble it was. [`crate::settle()`] knows what follows from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing came through, the provider failed, or what answered was not the provider: 5xx, refused, reset, DNS, TLS, a
    /// gateway's page.
    Transient,
    /// The call was sent and no answer came: it may have been billed.
    Ambiguous,
    /// The answer came damaged: cut off, or in a coding that cannot be undone. Asked again, it may come whole.
    Damaged,
    /// The provider's own answer is of a shape that this version does not know. Asked again, it would be the same.
    Unreadable,
    /// The answer is about another number than the one that was asked.
    WrongRecord,
    /// The blob store failed. The answer is kept, and storing is tried again without a call.
    Store,
    /// The provider said, in a success status, that it failed.
    Refused,
    /// The provider asks to wait: for the time it named, or for growing pauses.
    Wait,
    /// The provider refuses the key: no job of this kind can succeed.
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
    /// All of them.
    pub const ALL: [Self; 13] = [
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
        Self::Internal,
        Self::Hopeless,
        Self::Missed,
    ];

    /// The name used in histories, counters and metrics.
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
            Self::Internal => "internal",
            Self::Hopeless => "hopeless",
            Self::Missed => "missed",
        }
    }

    /// Whether the provider itself seems to be down: enough such failures open the circuit of their kind.
    pub fn speaks_against_provider(self) -> bool {
        matches!(self, Self::Transient | Self::Ambiguous | Self::Damaged)
    }

    /// Why the kind parks when most answers of a window are like this one; `None` where that parks nothing.
    pub fn parks_as(self) -> Option<ParkReason> {
        match self {
            Self::Unreadable => Some(ParkReason::UnreadableAnswers),
            Self::WrongRecord => Some(ParkReason::WrongRecords),
            _ => None,
        }
    }

    /// An answer came, whatever it is worth.
    fn is_answered(self) -> bool {
        matches!(
            self,
            Self::Damaged | Self::Unreadable | Self::WrongRecord | Self::Store
        )
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
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// The call, where one was made.
    pub call: Call,
    /// The answer, where it is to be kept with the job.
    pub kept: Option<Sealed>,
}

/// Bytes that were sealed: nothing of them shows, and only the keys of the vault open them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Box<[u8]>);

impl Sealed {
    /// Takes bytes that are sealed already.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into_boxed_slice())
    }

    /// The sealed bytes.
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
    /// A failure before any call.
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

    /// A call was sent, and nobody knows what came of it. An answer that could not be read did come.
    pub fn is_ambiguous(&self) -> bool {
        self.call.unanswered && !self.class.is_answered()
    }

    /// The same failure as it counts when the provider fails this one job and answers others: like any refusal.
    #[must_use]
    pub fn of_this_job_alone(&self) -> Self {
        Self {
            class: Class::Refused,
            ..self.clone()
        }
    }

    /// The same failure, with the answer that is to be kept.
    #[must_use]
    pub fn keeping(mut self, answer: Sealed) -> Self {
        self.kept = Some(answer);
        self
    }

    /// The same failure, with the call that was made.
    #[must_use]
    pub fn after(mut self, call: Call) -> Self {
        self.call = call;
        self
    }
}
