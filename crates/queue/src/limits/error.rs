//! The error for an invalid limit.

/// An invalid limit: the problem and its remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}: {remedy}")]
pub struct LimitError {
    /// The limit: `rate`, `burst`, `margin`, `daily`, `in_flight`, `zone`.
    pub what: &'static str,
    /// The problem.
    pub problem: &'static str,
    /// The remedy.
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
