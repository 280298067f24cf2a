//! The time until work continued after each fault.

use super::Ledger;
use crate::chaos::{faults::Happened, plan::Fault, report::Recovery};

impl Ledger {
    /// Returns, for each kind of fault, the time until the next job ended.
    pub(in crate::chaos) fn recoveries(&self, happened: &[Happened], places: u64) -> Vec<Recovery> {
        let next = |ms: u64| {
            let later = self.ends.partition_point(|end| *end <= ms);
            self.ends.get(later).copied()
        };
        let of = |fault: Fault| {
            let these = || happened.iter().filter(move |one| one.fault == fault);
            let most = if fault.hits_one_worker() {
                places
            } else {
                u64::MAX
            };
            let under_way = |one: &Happened| one.under_way.map(|jobs| jobs.min(most));
            Recovery {
                fault,
                under_way: these().map(under_way).collect(),
                from_beginning_ms: these()
                    .filter_map(|one| Some(next(one.began_ms)? - one.began_ms))
                    .max(),
                from_end_ms: these()
                    .filter_map(|one| {
                        let over = all_over(happened, one.ended_ms, next);
                        Some(next(over)? - over)
                    })
                    .max(),
            }
        };
        let all = Fault::ALL.into_iter().map(of);
        all.filter(|recovery| !recovery.under_way.is_empty())
            .collect()
    }
}

/// Returns the time from which no fault prevented the next completion. A fault that hits all workers moves it to the end of
/// that fault, if the fault began before the next completion.
fn all_over(happened: &[Happened], ended: u64, next: impl Fn(u64) -> Option<u64>) -> u64 {
    let mut over = ended;
    while let Some(next) = next(over) {
        let in_the_way = happened.iter().find(|other| {
            !other.fault.hits_one_worker() && other.began_ms < next && other.ended_ms > over
        });
        let Some(other) = in_the_way else { break };
        over = other.ended_ms;
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(fault: Fault, began_ms: u64, ended_ms: u64) -> Happened {
        Happened {
            fault,
            began_ms,
            ended_ms,
            under_way: None,
        }
    }

    #[test]
    fn the_duration_of_other_faults_does_not_count_as_recovery() {
        let ends = [100, 950, 5_000];
        let next = |ms: u64| ends.into_iter().find(|end| *end > ms);
        let kill = happened(Fault::Kill, 110, 120);
        // There is no other fault.
        assert_eq!(all_over(&[kill], 120, next), 120);
        // Two other faults begin before the next completion, one after the other.
        let cut = happened(Fault::Cut, 300, 700);
        let hang = happened(Fault::RedisHang, 650, 900);
        assert_eq!(all_over(&[kill, cut, hang], 120, next), 900);
        // Another fault begins after it.
        let later = happened(Fault::Cut, 960, 4_000);
        assert_eq!(all_over(&[kill, cut, hang, later], 120, next), 900);
        // A fault that hits one worker prevents nothing.
        let stop = happened(Fault::Stop, 100, 4_000);
        assert_eq!(all_over(&[kill, stop], 120, next), 120);
        assert_eq!(all_over(&[kill], 6_000, next), 6_000);
    }
}
