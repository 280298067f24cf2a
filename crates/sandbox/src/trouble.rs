//! Trouble on demand: what befalls all calls of a kind, or of all kinds, whatever their numbers.
//!
//! Hides which of several troubles strikes, and how many calls one has left.

mod parse;

use axum::response::Response;
use jiff::Timestamp;

use crate::{
    case::refusal_text,
    fault::{self, Refusal, Retry},
    kind::Kind,
};

/// Statuses that a trouble may answer: those that refuse.
const STATUSES: std::ops::RangeInclusive<u16> = 400..=599;

/// What befalls calls until it is cleared, or for so many of them.
///
/// By itself it is for all kinds, and for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    kind: Option<Kind>,
    act: Act,
    times: Option<u64>,
}

impl Trouble {
    /// Calls are answered with this status, from 400 to 599.
    ///
    /// # Panics
    /// When the status is another.
    #[must_use]
    pub fn status(status: u16, retry: Retry) -> Self {
        assert!(
            STATUSES.contains(&status),
            "a trouble answers a status from 400 to 599"
        );
        Self::doing(Act::Refuse(Refusal::new(
            status,
            refusal_text(status),
            retry,
        )))
    }

    /// Connections are closed in the place of an answer.
    #[must_use]
    pub fn drop_connections() -> Self {
        Self::doing(Act::HangUp)
    }

    /// Records come under a word of success that nobody knows: `done`.
    #[must_use]
    pub fn odd_answers() -> Self {
        Self::doing(Act::Odd)
    }

    /// For this kind only: `bvn`, `nin`, `nin_phone`, `cac`, `drivers_license` or `passport`.
    ///
    /// # Panics
    /// When there is no such kind.
    #[must_use]
    pub fn of(mut self, kind: &str) -> Self {
        self.kind = Some(Kind::named(kind).expect("the caller names one of the six kinds"));
        self
    }

    /// For the next `times` calls only.
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

/// What is wrong with a trouble that was asked for. Nothing of what was sent is in it but the name of a field.
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

/// What happens in the place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It is refused.
    Refuse(Refusal),
    /// The connection is closed.
    HangUp,
    /// The record comes under another word of success.
    Odd,
}

impl Act {
    /// The response, with a date reckoned from `now`.
    pub(crate) fn response(self, now: Timestamp) -> Response {
        match self {
            Self::Refuse(refusal) => refusal.response(now),
            // Whose record it is, nobody can tell here.
            Self::HangUp | Self::Odd => fault::hang_up(),
        }
    }
}

/// The troubles that stand: one for each kind, and one for all.
#[derive(Default)]
pub(crate) struct Troubles {
    kinds: [Option<Trouble>; Kind::ALL.len()],
    all: Option<Trouble>,
}

impl Troubles {
    /// Takes the place of the trouble for the same kind, or of the one for all.
    pub(crate) fn set(&mut self, trouble: Trouble) {
        let slot = match trouble.kind {
            Some(kind) => &mut self.kinds[kind.index()],
            None => &mut self.all,
        };
        *slot = Some(trouble);
    }

    /// What befalls the next call of a kind: the trouble of its own comes before the one for all.
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
    fn a_new_trouble_takes_the_place_of_the_one_before() {
        let mut troubles = Troubles::default();
        troubles.set(refusal(503).of("cac"));
        troubles.set(Trouble::drop_connections().of("cac").times(1));
        assert_eq!(troubles.strike(Kind::Cac), Some(Act::HangUp));
        assert_eq!(troubles.strike(Kind::Cac), None);
        troubles.set(refusal(503).times(0));
        assert_eq!(troubles.strike(Kind::Cac), None);
    }
}
