//! Why a job in line was not sent yet, and when it will be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use redis::{FromRedisValue, ParsingError, Value};

use crate::{
    ACCOUNT, Waiting,
    limits::{Ahead, Counts, Gate, Hold, Lines, observed_interval},
    watch::census::LISTS,
};

/// A job's place in line, and the gates before it, at one moment of Redis' clock.
pub(crate) struct Standing {
    now: Timestamp,
    ahead: Ahead,
    kind: Gate,
    account: Gate,
}

type Fields = BTreeMap<String, String>;

impl FromRedisValue for Standing {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        type Told = (String, i64, u64, u64, u64, i64, Fields, Fields);
        let (list, place, high, normal, low, now_us, kind, account) =
            Told::from_redis_value(value)?;
        let lines: Lines = [high, normal, low];
        // On its way from one place to another it stands nowhere.
        let place = u64::try_from(place).unwrap_or_default();
        let nth = LISTS.iter().position(|known| *known == list);
        // Suspects go one at a time, before the others; of those that were told to stop one comes after seven.
        let ahead = match nth.filter(|nth| *nth < lines.len()) {
            Some(nth) => Ahead::of(lines, nth, place),
            None => Ahead(place),
        };
        Ok(Self {
            now: Timestamp::from_microsecond(now_us).unwrap_or_default(),
            ahead,
            kind: Gate::read(&kind),
            account: Gate::read(&account),
        })
    }
}

impl Standing {
    pub(crate) fn waiting(&self, kind: &str, minutes: &[Counts]) -> Waiting {
        let gates = [&self.kind, &self.account];
        let observed = observed_interval(kind, minutes);
        let waiting = Waiting {
            ahead: Some(self.ahead.0),
            expected_at: self.ahead.expected(self.now, gates, observed),
            ..Waiting::new("in_line", None)
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

    /// Of both gates that one which says most: a pause before a limit, what has no time before what has, and the later
    /// of two times.
    fn hold<'a>(&self, kind: &'a str) -> Option<(&'a str, Hold)> {
        let holds = [(kind, &self.kind), (ACCOUNT, &self.account)];
        let holds = holds
            .into_iter()
            .filter_map(|(scope, gate)| Some((scope, gate.hold(self.now)?)));
        holds.max_by_key(|(_, hold)| {
            let is_limit = matches!(hold.why.as_str(), "rate" | "in_flight" | "probing");
            (!is_limit, hold.until.unwrap_or(Timestamp::MAX))
        })
    }
}
