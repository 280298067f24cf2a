//! What a match requires, as a value.

use crate::{Check, Claim, Claims, Match, ReasonCode, Verdict};

/// Which claims decide the verdict, and how similar they must be to the record.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchPolicy {
    /// The fields that decide the verdict.
    pub required: Required,
    /// The Jaro-Winkler similarity from which a word with one typo counts as a close spelling. With 1, no word does.
    pub close_spelling: f64,
    /// The share of several claimed words that is enough for a partial match.
    pub name_share: f64,
    /// The verdict for a watch-listed person.
    pub watch_list: WatchList,
}

impl Default for MatchPolicy {
    fn default() -> Self {
        Self {
            required: Required::Claimed,
            close_spelling: 0.92,
            name_share: 2.0 / 3.0,
            watch_list: WatchList::Tell,
        }
    }
}

/// The fields that decide the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// All claimed fields.
    Claimed,
    /// These fields. Others are compared and reported, but do not change the verdict. If one of these was not claimed, the
    /// verdict is at most a partial match.
    Fields(Vec<Claim>),
}

/// The verdict for a watch-listed person. The reason `watch_listed` is given in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchList {
    /// The verdict stays as it is.
    #[default]
    Tell,
    /// At most a partial match.
    PartialMatch,
    /// No match.
    NoMatch,
}

impl MatchPolicy {
    /// Derives the verdict from the checks. It is `found` if nothing was claimed, because there is nothing to confirm.
    pub(super) fn verdict(&self, checks: &[Check], claims: &Claims, listed: bool) -> Verdict {
        if checks.is_empty() {
            return Verdict::Found;
        }
        let counts = |check: &&Check| match &self.required {
            Required::Claimed => true,
            Required::Fields(fields) => fields.iter().any(|field| field.name() == check.field),
        };
        let is = |result| move |check: &Check| check.result == result;
        let mut counting = checks.iter().filter(counts);
        let all_claimed = self.not_claimed(claims).next().is_none();
        let verdict = if counting.clone().any(is(Match::Mismatch)) {
            Verdict::NoMatch
        } else if all_claimed && counting.all(is(Match::Match)) {
            Verdict::Match
        } else {
            Verdict::PartialMatch
        };
        match (self.watch_list, verdict) {
            (WatchList::NoMatch, _) if listed => Verdict::NoMatch,
            (WatchList::PartialMatch, Verdict::Match) if listed => Verdict::PartialMatch,
            _ => verdict,
        }
    }

    /// Returns the required fields that were not claimed, or none if nothing was claimed at all.
    fn not_claimed<'a>(&'a self, claims: &'a Claims) -> impl Iterator<Item = Claim> + 'a {
        let fields: &[Claim] = match &self.required {
            Required::Fields(fields) if !claims.is_empty() => fields,
            _ => &[],
        };
        let missing = |field: &Claim| claims.get(*field).is_none();
        fields.iter().copied().filter(missing)
    }

    /// Returns a reason for each required field that was not claimed.
    pub(super) fn reasons<'a>(
        &'a self,
        claims: &'a Claims,
    ) -> impl Iterator<Item = ReasonCode> + 'a {
        self.not_claimed(claims).map(ReasonCode::NotClaimed)
    }
}
