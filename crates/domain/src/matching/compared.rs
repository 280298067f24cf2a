//! The comparison of one field.

use super::Rule;
use crate::Match;

/// The result of comparing one field, a score from 0 to 1, and the rule that decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Compared {
    pub(super) result: Match,
    pub(super) score: f64,
    pub(super) rule: Rule,
}

impl Compared {
    pub(super) fn matched(rule: Rule) -> Self {
        Self {
            result: Match::Match,
            score: 1.0,
            rule,
        }
    }

    /// Creates a partial match. Its score stays below 1.
    pub(super) fn partial(score: f64, rule: Rule) -> Self {
        Self {
            result: Match::Partial,
            score: score.clamp(0.0, 0.99),
            rule,
        }
    }

    pub(super) fn mismatch(score: f64, rule: Rule) -> Self {
        Self {
            result: Match::Mismatch,
            score: score.clamp(0.0, 0.99),
            rule,
        }
    }

    /// Creates a comparison without a result.
    pub(super) fn unknown(rule: Rule) -> Self {
        Self {
            result: Match::Unknown,
            score: 0.0,
            rule,
        }
    }

    pub(super) fn blank() -> Self {
        Self::unknown(Rule::BlankInRecord)
    }

    /// The record's value cannot be read, which counts as blank.
    pub(super) fn unreadable() -> Self {
        Self::unknown(Rule::UnreadableInRecord)
    }

    pub(super) fn exact(same: bool) -> Self {
        if same {
            Self::matched(Rule::Exact)
        } else {
            Self::mismatch(0.0, Rule::Exact)
        }
    }
}
