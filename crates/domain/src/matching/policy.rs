//! What a match asks for, as a value.

use crate::{Check, Claim, Claims, Match, ReasonCode, Verdict};

/// What the verdict rests on, and how near is near enough.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchPolicy {
    /// The fields that the verdict rests on.
    pub required: Required,
    /// Jaro-Winkler from which a word that one slip of the pen explains counts as a close spelling; with 1 none
    /// does.
    pub close_spelling: f64,
    /// The share of claimed words that makes a partial match, where there are several.
    pub name_share: f64,
    /// What a watch-listed person's verdict becomes.
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

/// The fields that the verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// All that were claimed.
    Claimed,
    /// These. Others are compared and told, and change no verdict; one of these that was not claimed leaves no
    /// more than a partial match.
    Fields(Vec<Claim>),
}

/// What a watch-listed person's verdict becomes. The reason is given in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchList {
    /// It stays.
    #[default]
    Tell,
    /// No more than a partial match.
    PartialMatch,
    /// No match.
    NoMatch,
}

impl MatchPolicy {
    /// What the checks come to. `found` where nothing was claimed: then there is nothing to confirm.
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

    /// Required fields that nobody claimed, where anything was claimed.
    fn not_claimed<'a>(&'a self, claims: &'a Claims) -> impl Iterator<Item = Claim> + 'a {
        let fields: &[Claim] = match &self.required {
            Required::Fields(fields) if !claims.is_empty() => fields,
            _ => &[],
        };
        let missing = |field: &Claim| claims.get(*field).is_none();
        fields.iter().copied().filter(missing)
    }

    /// Why the verdict is no match, where a required field was not claimed.
    pub(super) fn reasons<'a>(
        &'a self,
        claims: &'a Claims,
    ) -> impl Iterator<Item = ReasonCode> + 'a {
        self.not_claimed(claims).map(ReasonCode::NotClaimed)
    }
}
