//! Stores when calls arrived, and counts arrivals in windows of time.

use std::{collections::VecDeque, time::Duration};

use crate::kind::Kind;

/// The number of arrivals of a kind that are stored, so that a long benchmark does not exhaust the memory.
const KEPT: usize = 200_000;

/// Returns the most arrivals in any window of this length.
///
/// The arrivals may be in any order. A window can start at any instant and is half open: an arrival exactly `window`
/// after its start is not in it.
#[must_use]
pub fn busiest(arrivals: &[Duration], window: Duration) -> usize {
    let mut sorted = arrivals.to_vec();
    sorted.sort_unstable();
    // A busiest window can always be moved so that it begins with an arrival.
    let mut end = 0;
    let from_each = sorted.iter().enumerate().map(|(start, first)| {
        end = end.max(start);
        while sorted.get(end).is_some_and(|at| *at - *first < window) {
            end += 1;
        }
        end - start
    });
    from_each.max().unwrap_or_default()
}

/// Returns the number of arrivals at `from` or later and before `to`.
#[must_use]
pub fn within(arrivals: &[Duration], from: Duration, to: Duration) -> usize {
    let span = from..to;
    arrivals.iter().filter(|at| span.contains(at)).count()
}

/// The last arrivals of each kind.
#[derive(Default)]
pub(crate) struct Record([VecDeque<Duration>; Kind::ALL.len()]);

impl Record {
    pub(crate) fn arrive(&mut self, kind: Kind, at: Duration) {
        let kept = &mut self.0[kind.index()];
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(at);
    }

    /// Returns the arrivals of a kind, oldest first.
    pub(crate) fn of(&self, kind: Kind) -> Vec<Duration> {
        self.0[kind.index()].iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: &[u64]) -> Vec<Duration> {
        milliseconds
            .iter()
            .copied()
            .map(Duration::from_millis)
            .collect()
    }

    #[test]
    fn the_busiest_window_slides_and_is_half_open() {
        for (milliseconds, window, most) in [
            (&[][..], 1_000, 0),
            (&[7], 1_000, 1),
            (&[0, 1_000, 2_000], 1_000, 1),
            (&[0, 999, 1_998], 1_000, 2),
            // Four in the second from 0 on, but five in the one from 600 on.
            (&[0, 600, 900, 1_000, 1_200, 1_599, 1_900], 1_000, 5),
            (&[0, 600, 900, 1_000, 1_200, 1_599, 1_900], 60_000, 7),
            (&[5_100, 0, 5_000, 0, 0], 1_000, 3),
            (&[3, 3, 4], 1, 2),
            // A window without length contains nothing.
            (&[3, 3, 4], 0, 0),
        ] {
            let found = busiest(&at(milliseconds), Duration::from_millis(window));
            assert_eq!(found, most, "{milliseconds:?} in {window} ms");
        }
    }

    #[test]
    fn a_span_holds_its_beginning_and_not_its_end() {
        let arrivals = at(&[0, 100, 100, 250, 400]);
        for (from, to, count) in [
            (0, 1_000, 5),
            (100, 250, 2),
            (100, 251, 3),
            (101, 250, 0),
            (400, 400, 0),
            (400, 100, 0),
        ] {
            let (from, to) = (Duration::from_millis(from), Duration::from_millis(to));
            assert_eq!(within(&arrivals, from, to), count, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn the_newest_are_kept_and_kinds_are_separate() {
        let mut record = Record::default();
        for at in 0..KEPT as u64 + 3 {
            record.arrive(Kind::Nin, Duration::from_millis(at));
        }
        record.arrive(Kind::Cac, Duration::ZERO);
        let kept = record.of(Kind::Nin);
        assert_eq!((kept.len(), kept[0]), (KEPT, Duration::from_millis(3)));
        assert_eq!(record.of(Kind::Cac).len(), 1);
        assert_eq!(record.of(Kind::Bvn), []);
    }
}
