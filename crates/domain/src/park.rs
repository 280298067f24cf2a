//! Why a kind is parked.

use serde::Serialize;

/// The reason for parking a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkReason {
    /// The provider named a time to wait (`Retry-After`).
    RetryAfter,
    /// The provider reported too many calls, without a time to wait.
    Throttled,
    /// The provider refuses the API key.
    KeyRefused,
    /// The wallet is empty.
    WalletEmpty,
    /// A sandbox answers in the provider's place.
    SandboxAnswer,
    /// Most answers have an unknown structure.
    UnreadableAnswers,
    /// Most answers are about another number than the requested one.
    WrongRecords,
}

impl ParkReason {
    /// All reasons.
    pub const ALL: [Self; 7] = [
        Self::RetryAfter,
        Self::Throttled,
        Self::KeyRefused,
        Self::WalletEmpty,
        Self::SandboxAnswer,
        Self::UnreadableAnswers,
        Self::WrongRecords,
    ];

    /// Returns the name used in Redis, logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetryAfter => "retry_after",
            Self::Throttled => "throttled",
            Self::KeyRefused => "key_refused",
            Self::WalletEmpty => "wallet_empty",
            Self::SandboxAnswer => "sandbox_answer",
            Self::UnreadableAnswers => "unreadable_answers",
            Self::WrongRecords => "wrong_records",
        }
    }
}
