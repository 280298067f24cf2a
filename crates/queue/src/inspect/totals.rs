//! Totals of events over some minutes, by kind.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Minute;

/// Totals by kind. Kinds without an event are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals(pub BTreeMap<String, Sum>);

/// The events of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Jobs that were accepted.
    pub accepted: u64,
    /// Jobs that were completed, by verdict.
    pub completed: BTreeMap<String, u64>,
    /// Attempts that failed, by the class of the failure.
    pub failed: BTreeMap<String, u64>,
    /// Jobs that died.
    pub dead: u64,
    /// Jobs that were cancelled.
    pub cancelled: u64,
    /// Leases that ran out.
    pub stalled: u64,
    /// Jobs that were held for a decision.
    pub held: u64,
    /// Calls sent.
    pub calls: u64,
    /// Calls that were saved because an answer was reused.
    pub saved: u64,
}

impl Totals {
    /// Adds up the counts of all minutes.
    pub fn of(minutes: &[Minute]) -> Self {
        let mut totals = Self::default();
        let counts = minutes.iter().flat_map(|minute| &minute.counts);
        for (name, count) in counts {
            let mut words = name.split(' ');
            let (what, kind) = (words.next(), words.next());
            let part = words.next().unwrap_or_default();
            if let (Some(what), Some(kind)) = (what, kind) {
                totals
                    .0
                    .entry(kind.to_owned())
                    .or_default()
                    .add(what, part, *count);
            }
        }
        totals
    }

    /// Returns whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Sum {
    /// Adds a count. Names that only a later version knows are ignored.
    fn add(&mut self, what: &str, part: &str, count: u64) {
        let sum = match what {
            "accepted" => &mut self.accepted,
            "completed" => self.completed.entry(part.to_owned()).or_default(),
            "failed" => self.failed.entry(part.to_owned()).or_default(),
            "dead" => &mut self.dead,
            "cancelled" => &mut self.cancelled,
            "stalled" => &mut self.stalled,
            "held" => &mut self.held,
            "calls" => &mut self.calls,
            "saved" => &mut self.saved,
            _ => return,
        };
        *sum += count;
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn minutes_are_added_up_by_kind() {
        let minute = |counts: &[(&str, u64)]| Minute {
            at: Timestamp::UNIX_EPOCH,
            counts: counts
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
        };
        let totals = Totals::of(&[
            minute(&[("accepted bvn", 3), ("completed bvn match", 1)]),
            minute(&[]),
            minute(&[
                ("completed bvn match", 2),
                ("completed bvn not_found", 1),
                ("failed nin transient", 4),
                ("calls nin", 5),
                ("wondered nin", 6),
                ("odd", 7),
            ]),
        ]);
        let bvn = &totals.0["bvn"];
        assert_eq!((bvn.accepted, bvn.completed["match"]), (3, 3));
        assert_eq!(bvn.completed["not_found"], 1);
        let nin = &totals.0["nin"];
        assert_eq!(
            (nin.failed["transient"], nin.calls, nin.accepted),
            (4, 5, 0)
        );
        assert_eq!(totals.0.len(), 2);
        assert!(Totals::of(&[]).is_empty());
    }
}
