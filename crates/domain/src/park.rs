//! Why a kind sends nothing for a while.

use serde::Serialize;

/// Why a kind is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkReason {
    /// The provider asked to wait.
    RetryAfter,
    /// The provider said that there were too many calls, and not how long to wait.
    Throttled,
    /// The provider refuses the key.
    KeyRefused,
    /// The wallet is empty.
    WalletEmpty,
    /// Most answers are of a shape that nobody knows.
    UnreadableAnswers,
    /// Most answers are about another number than the one that was asked.
    WrongRecords,
}

impl ParkReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RetryAfter,
        Self::Throttled,
        Self::KeyRefused,
        Self::WalletEmpty,
        Self::UnreadableAnswers,
        Self::WrongRecords,
    ];

    /// The name used in Redis, logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetryAfter => "retry_after",
            Self::Throttled => "throttled",
            Self::KeyRefused => "key_refused",
            Self::WalletEmpty => "wallet_empty",
            Self::UnreadableAnswers => "unreadable_answers",
            Self::WrongRecords => "wrong_records",
        }
    }
}
