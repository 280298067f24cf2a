//! Why a limit is refused.

/// What is wrong with a limit, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}: {remedy}")]
pub struct LimitError {
    /// The limit: `rate`, `burst`, `margin`, `daily`, `in_flight`, `zone`.
    pub what: &'static str,
    /// What is wrong.
    pub problem: &'static str,
    /// What would be right.
    pub remedy: &'static str,
}

impl LimitError {
    pub(crate) fn new(what: &'static str, problem: &'static str, remedy: &'static str) -> Self {
        Self {
            what,
            problem,
            remedy,
        }
    }
}
