//! How one field compares.

use super::Rule;
use crate::Match;

/// Result, score from 0 to 1, and the rule that decided.
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

    /// In part: never as good as the same.
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

    /// Nothing can be said.
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

    /// The record says something that nobody can read: as good as blank.
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
