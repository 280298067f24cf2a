//! Counts the calls by kind, in the busiest second and by number.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    fmt,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{arrivals::Record, kind::Kind};

/// The most distinct numbers that are counted, so that a long benchmark does not exhaust the memory.
const NUMBERS: usize = 1_000_000;

const SECOND: Duration = Duration::from_secs(1);

/// The counts since the start of the sandbox or the last reset.
///
/// Every call of the provider's API is counted, also if it is refused or never answered.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Calls by kind. Contains every kind.
    pub arrivals: BTreeMap<String, u64>,
    /// The most calls in any window of one second, by kind and for `all` together. The window can start at any instant.
    pub busiest_second: BTreeMap<String, u64>,
    /// Calls by `kind/number`, for the first 1,000,000 distinct numbers.
    pub calls: BTreeMap<String, u64>,
}

impl fmt::Debug for Stats {
    /// Shows how many numbers were called, not the numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stats")
            .field("arrivals", &self.arrivals)
            .field("busiest_second", &self.busiest_second)
            .field("numbers", &self.calls.len())
            .finish()
    }
}

/// The counts, and the numbers whose refusal that comes once has been sent.
pub(crate) struct Ledger {
    since: Instant,
    latest: Instant,
    record: Record,
    all: Window,
    kinds: [Window; Kind::ALL.len()],
    calls: HashMap<(Kind, Box<str>), u64>,
    misbehaved: HashSet<(Kind, String)>,
}

impl Ledger {
    /// Returns an empty ledger. Its arrivals are measured from `since`.
    pub(crate) fn new(since: Instant) -> Self {
        Self {
            since,
            latest: since,
            record: Record::default(),
            all: Window::default(),
            kinds: Default::default(),
            calls: HashMap::new(),
            misbehaved: HashSet::new(),
        }
    }

    /// Counts a call. One that is counted after a call that arrived later is counted as simultaneous with it.
    pub(crate) fn arrive(&mut self, kind: Kind, number: &str, at: Instant) {
        let at = at.max(self.latest);
        self.latest = at;
        self.record.arrive(kind, at.duration_since(self.since));
        self.all.arrive(at);
        self.kinds[kind.index()].arrive(at);
        let key = (kind, number.into());
        if let Some(count) = self.calls.get_mut(&key) {
            *count += 1;
        } else if self.calls.len() < NUMBERS {
            self.calls.insert(key, 1);
        }
    }

    /// Returns whether the refusal that comes once is due for this number, and records it as sent.
    pub(crate) fn misbehaves(&mut self, kind: Kind, number: &str) -> bool {
        self.misbehaved.insert((kind, kind.canonical(number)))
    }

    /// Returns the arrivals of a kind since the beginning of this ledger, oldest first.
    pub(crate) fn arrivals(&self, kind: Kind) -> Vec<Duration> {
        self.record.of(kind)
    }

    /// Returns the beginning of this ledger.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    pub(crate) fn stats(&self) -> Stats {
        let named = |value: fn(&Window) -> u64| {
            Kind::ALL
                .into_iter()
                .map(move |kind| (kind.name().to_owned(), value(&self.kinds[kind.index()])))
        };
        Stats {
            arrivals: named(|window| window.total).collect(),
            busiest_second: named(|window| window.busiest)
                .chain([("all".to_owned(), self.all.busiest)])
                .collect(),
            calls: self
                .calls
                .iter()
                .map(|((kind, number), count)| (format!("{}/{number}", kind.name()), *count))
                .collect(),
        }
    }
}

/// Finds the most arrivals in any second.
///
/// A busiest second can always be moved so that it ends with an arrival. It is therefore enough to look at the second
/// before each arrival, and to remember the arrivals of the last second.
#[derive(Default)]
struct Window {
    total: u64,
    busiest: u64,
    last_second: VecDeque<Instant>,
}

impl Window {
    fn arrive(&mut self, at: Instant) {
        self.total += 1;
        self.last_second.push_back(at);
        while self
            .last_second
            .front()
            .is_some_and(|first| at.duration_since(*first) >= SECOND)
        {
            self.last_second.pop_front();
        }
        self.busiest = self.busiest.max(self.last_second.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_second_slides() {
        let start = Instant::now();
        for (milliseconds, busiest) in [
            (&[][..], 0),
            (&[0][..], 1),
            // Four in the second from 0 on, but five in the one from 600 on.
            (&[0, 600, 900, 1_000, 1_200, 1_599, 1_900][..], 5),
            // The second is half open: an arrival exactly one second later is not in it.
            (&[0, 1_000, 2_000][..], 1),
            (&[0, 999, 1_998][..], 2),
            (&[0, 0, 0, 5_000, 5_100][..], 3),
        ] {
            let mut window = Window::default();
            for at in milliseconds {
                window.arrive(start + Duration::from_millis(*at));
            }
            assert_eq!(window.busiest, busiest, "{milliseconds:?}");
            assert_eq!(window.total, milliseconds.len() as u64);
        }
    }

    #[test]
    fn kinds_are_counted_separately_and_together() {
        let now = Instant::now();
        let mut ledger = Ledger::new(now);
        ledger.arrive(Kind::Bvn, "22200000000", now);
        ledger.arrive(Kind::Bvn, "22200000000", now);
        ledger.arrive(Kind::Cac, "123000", now);
        let stats = ledger.stats();
        assert_eq!(
            (
                stats.arrivals["bvn"],
                stats.arrivals["cac"],
                stats.arrivals["nin"]
            ),
            (2, 1, 0)
        );
        assert_eq!(
            (stats.busiest_second["all"], stats.busiest_second["bvn"]),
            (3, 2)
        );
        assert_eq!(
            stats.calls,
            BTreeMap::from([("bvn/22200000000".into(), 2), ("cac/123000".into(), 1)])
        );
        assert!(!format!("{stats:?}").contains("222"));
    }

    #[test]
    fn arrivals_are_kept_in_order() {
        let start = Instant::now();
        let mut ledger = Ledger::new(start);
        for milliseconds in [5, 20, 19, 30] {
            let at = start + Duration::from_millis(milliseconds);
            ledger.arrive(Kind::Bvn, "22200000000", at);
        }
        let arrivals = [5, 20, 20, 30].map(Duration::from_millis);
        assert_eq!(ledger.arrivals(Kind::Bvn), arrivals);
        assert_eq!(ledger.arrivals(Kind::Nin), []);
    }

    #[test]
    fn a_number_misbehaves_once() {
        let mut ledger = Ledger::new(Instant::now());
        assert!(ledger.misbehaves(Kind::NinPhone, "08031234010"));
        assert!(!ledger.misbehaves(Kind::NinPhone, "+2348031234010"));
        assert!(ledger.misbehaves(Kind::Bvn, "08031234010"));
    }
}
