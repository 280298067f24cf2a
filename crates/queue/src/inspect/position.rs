//! Why a job in the ready queue has not been sent yet, and when it will be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use redis::{FromRedisValue, ParsingError, Value};

use crate::{
    ACCOUNT, Waiting,
    inspect::depths::LISTS,
    limits::{Ahead, Counts, Hold, Lengths, Limiter, observed_interval},
};

/// A job's position in its ready queue and the limiters of its calls, at one moment of Redis'
/// clock.
pub(crate) struct Position {
    now: Timestamp,
    ahead: Ahead,
    kind: Limiter,
    account: Limiter,
}

type Fields = BTreeMap<String, String>;

impl FromRedisValue for Position {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        type Told = (String, i64, u64, u64, u64, i64, Fields, Fields);
        let (list, place, high, normal, low, now_us, kind, account) =
            Told::from_redis_value(value)?;
        let lengths: Lengths = [high, normal, low];
        // A job that is just moving between places has no position.
        let place = u64::try_from(place).unwrap_or_default();
        let nth = LISTS.iter().position(|known| *known == list);
        // Quarantined jobs go one at a time, before the others. One of eight jobs is a deferred
        // one.
        let ahead = match nth.filter(|nth| *nth < lengths.len()) {
            Some(nth) => Ahead::of(lengths, nth, place),
            None => Ahead(place),
        };
        Ok(Self {
            now: Timestamp::from_microsecond(now_us).unwrap_or_default(),
            ahead,
            kind: Limiter::read(&kind),
            account: Limiter::read(&account),
        })
    }
}

impl Position {
    pub(crate) fn waiting(&self, kind: &str, minutes: &[Counts]) -> Waiting {
        let limiters = [&self.kind, &self.account];
        let observed = observed_interval(kind, minutes);
        let waiting = Waiting {
            ahead: Some(self.ahead.0),
            expected_at: self.ahead.expected(self.now, limiters, observed),
            ..Waiting::new("ready", None)
        };
        match self.hold(kind) {
            Some((scope, Hold { why, until })) => Waiting {
                why,
                scope: Some(scope.to_owned()),
                until,
                ..waiting
            },
            None => waiting,
        }
    }

    /// Returns the more informative hold of the two limiters: a pause before a limit, one without
    /// an end before one with an end, and the later of two ends.
    fn hold<'a>(&self, kind: &'a str) -> Option<(&'a str, Hold)> {
        let holds = [(kind, &self.kind), (ACCOUNT, &self.account)];
        let holds = holds
            .into_iter()
            .filter_map(|(scope, limiter)| Some((scope, limiter.hold(self.now)?)));
        holds.max_by_key(|(_, hold)| {
            let is_limit = matches!(hold.why.as_str(), "rate" | "in_flight" | "probing");
            (!is_limit, hold.until.unwrap_or(Timestamp::MAX))
        })
    }
}
