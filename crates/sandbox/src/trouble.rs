//! Troubles: faults that are injected into all calls of a kind or of all kinds, whatever their numbers.
//!
//! Hides which of several troubles applies to a call, and how many calls a trouble has left.

mod parse;

use axum::response::Response;
use jiff::Timestamp;

use crate::{
    case::refusal_text,
    fault::{self, Refusal, Retry},
    kind::Kind,
};

/// The statuses that a trouble may have.
const STATUSES: std::ops::RangeInclusive<u16> = 400..=599;

/// A fault that is injected into calls.
///
/// Unless restricted by [`Trouble::of`] and [`Trouble::times`], it applies to all kinds until it is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    kind: Option<Kind>,
    act: Act,
    times: Option<u64>,
}

impl Trouble {
    /// Answers calls with this status, from 400 to 599.
    ///
    /// # Panics
    /// Panics if the status is outside this range.
    #[must_use]
    pub fn status(status: u16, retry: Retry) -> Self {
        assert!(
            STATUSES.contains(&status),
            "the status of a trouble is from 400 to 599"
        );
        Self::doing(Act::Refuse(Refusal::new(
            status,
            refusal_text(status),
            retry,
        )))
    }

    /// Closes connections instead of answering.
    #[must_use]
    pub fn drop_connections() -> Self {
        Self::doing(Act::HangUp)
    }

    /// Sends records with the unexpected success word `done`.
    #[must_use]
    pub fn odd_answers() -> Self {
        Self::doing(Act::Odd)
    }

    /// Restricts the trouble to a kind: `bvn`, `nin`, `nin_phone`, `cac`, `drivers_license` or `passport`.
    ///
    /// # Panics
    /// Panics if there is no such kind.
    #[must_use]
    pub fn of(mut self, kind: &str) -> Self {
        self.kind = Some(Kind::named(kind).expect("the caller names one of the six kinds"));
        self
    }

    /// Restricts the trouble to the next `times` calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    fn doing(act: Act) -> Self {
        Self {
            kind: None,
            act,
            times: None,
        }
    }
}

/// Why a request was refused. Contains nothing of the request except the name of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) field: String,
    pub(crate) problem: &'static str,
    pub(crate) remedy: String,
}

impl Wrong {
    pub(crate) fn new(field: &str, problem: &'static str, remedy: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            problem,
            remedy: remedy.into(),
        }
    }
}

/// The effect of a trouble on a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The call is refused.
    Refuse(Refusal),
    /// The connection is closed.
    HangUp,
    /// The record is sent with an unexpected success word.
    Odd,
}

impl Act {
    /// Returns the response. A date in it is computed from `now`.
    pub(crate) fn response(self, now: Timestamp) -> Response {
        match self {
            Self::Refuse(refusal) => refusal.response(now),
            // `Odd` has no response of its own: the provider changes the record instead.
            Self::HangUp | Self::Odd => fault::hang_up(),
        }
    }
}

/// The current troubles: one for each kind, and one for all kinds.
#[derive(Default)]
pub(crate) struct Troubles {
    kinds: [Option<Trouble>; Kind::ALL.len()],
    all: Option<Trouble>,
}

impl Troubles {
    /// Replaces the trouble for the same kind, or the one for all kinds.
    pub(crate) fn set(&mut self, trouble: Trouble) {
        let slot = match trouble.kind {
            Some(kind) => &mut self.kinds[kind.index()],
            None => &mut self.all,
        };
        *slot = Some(trouble);
    }

    /// Counts a call of a kind and returns the effect on it. The trouble for the kind precedes the one for all kinds.
    pub(crate) fn strike(&mut self, kind: Kind) -> Option<Act> {
        spend(&mut self.kinds[kind.index()]).or_else(|| spend(&mut self.all))
    }
}

fn spend(slot: &mut Option<Trouble>) -> Option<Act> {
    let trouble = slot.as_mut()?;
    if let Some(left) = &mut trouble.times {
        *left = left.checked_sub(1)?;
    }
    Some(trouble.act)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16) -> Trouble {
        Trouble::status(status, Retry::Unsaid)
    }

    #[test]
    fn a_trouble_is_spent_and_its_kind_comes_first() {
        let mut troubles = Troubles::default();
        assert_eq!(troubles.strike(Kind::Bvn), None);
        troubles.set(refusal(500));
        troubles.set(refusal(503).of("bvn").times(2));
        let acts = [Kind::Bvn, Kind::Nin, Kind::Bvn, Kind::Bvn].map(|kind| troubles.strike(kind));
        let expected = [503, 500, 503, 500].map(|status| Some(refusal(status).act));
        assert_eq!(acts, expected);
    }

    #[test]
    fn a_new_trouble_replaces_the_one_before() {
        let mut troubles = Troubles::default();
        troubles.set(refusal(503).of("cac"));
        troubles.set(Trouble::drop_connections().of("cac").times(1));
        assert_eq!(troubles.strike(Kind::Cac), Some(Act::HangUp));
        assert_eq!(troubles.strike(Kind::Cac), None);
        troubles.set(refusal(503).times(0));
        assert_eq!(troubles.strike(Kind::Cac), None);
    }
}
