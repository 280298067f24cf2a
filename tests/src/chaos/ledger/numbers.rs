//! The counts by number: jobs that share a number need one answer.

use std::collections::BTreeMap;

use kyc_queue::{Attempt, State, Verification};

use super::{Fate, Ledger};
use crate::chaos::{
    jobs::Part,
    report::{Promise, Row},
    sharing::WINDOW,
};

/// A number, with everything that is known about its jobs.
#[derive(Default)]
struct Number<'a> {
    jobs: Vec<(&'a Fate, &'a Verification)>,
    /// Whether one of its jobs is lost. That job is reported as lost, and its calls are not known.
    has_lost: bool,
    /// The number of calls that arrived at the provider.
    upstream: u64,
}

impl Number<'_> {
    fn sum(&self, of: impl Fn(&Verification) -> u64) -> u64 {
        self.jobs.iter().map(|(_, job)| of(job)).sum()
    }

    fn stalls(&self) -> u64 {
        self.sum(|job| job.stalls.into())
    }

    /// Returns the number of calls beyond one for each attempt that makes a call.
    fn extra(&self) -> u64 {
        self.upstream.saturating_sub(self.sum(asked))
    }

    fn is_plain(&self) -> bool {
        self.jobs
            .iter()
            .all(|(fate, _)| Part::of(&fate.accepted.case).is_some_and(Part::is_plain))
    }

    /// Returns whether all its jobs ended while its first answer could be reused.
    fn is_within_window(&self) -> bool {
        let began = self.jobs.iter().map(|(_, job)| job.enqueued_at).min();
        let ended = self.jobs.iter().map(|(_, job)| job.finished_at).max();
        let (Some(began), Some(Some(ended))) = (began, ended) else {
            return true;
        };
        u128::try_from(ended.as_millisecond() - began.as_millisecond())
            .is_ok_and(|lasted| lasted < WINDOW.as_millis())
    }

    /// Returns its first job, and the number of its other jobs.
    fn name(&self) -> String {
        let Some((fate, job)) = self.jobs.first() else {
            return String::new();
        };
        match self.jobs.len() - 1 {
            0 => format!("{} {}", fate.accepted.reference, job.id),
            others => format!("{} {} and {others} more", fate.accepted.reference, job.id),
        }
    }

    /// Returns whether one of its jobs made its own calls and died with that code.
    fn was_failed_by_the_provider(&self, code: Option<&str>) -> bool {
        self.jobs
            .iter()
            .any(|(_, job)| job.state == State::Dead && !shares(job) && job.code.as_deref() == code)
    }

    fn has(&self, id: &str) -> bool {
        self.jobs.iter().any(|(_, job)| job.id.to_string() == id)
    }
}

/// Returns the number of attempts that make a call. It includes those that were not counted because the circuit was open,
/// which the history records.
fn asked(job: &Verification) -> u64 {
    let lines = |classes: &[&str]| {
        let these = job.history.iter();
        these
            .filter(|line| classes.contains(&line.class.as_str()))
            .count() as u64
    };
    let reused = lines(&["reused"]);
    let read_again = job.history.iter().filter(|line| reads_again(line)).count() as u64;
    let told = job.history.len() as u64 - reused - read_again - lines(&["stalled", "shared"]);
    told.max(u64::from(job.attempts).saturating_sub(reused))
}

/// Returns whether this attempt read or stored a retained answer again, without a call.
fn reads_again(line: &Attempt) -> bool {
    let kept = ["store", "unreadable"].contains(&line.class.as_str()) && line.status.is_none();
    kept || line.class == "reread"
}

/// Returns whether the job had a retained answer and called the provider again.
fn was_called_again(job: &Verification) -> bool {
    let kept = |line: &Attempt| ["store", "unreadable"].contains(&line.class.as_str());
    let mut lines = job.history.iter().skip_while(|line| !kept(line)).skip(1);
    lines.any(|line| {
        !reads_again(line) && !["stalled", "shared", "reused"].contains(&line.class.as_str())
    })
}

/// Returns whether the job had a retained answer.
fn was_retained(job: &Verification) -> bool {
    job.history
        .iter()
        .any(|line| ["store", "unreadable"].contains(&line.class.as_str()))
}

/// Returns whether the job died with its leader.
pub(super) fn shares(job: &Verification) -> bool {
    job.history
        .last()
        .is_some_and(|line| line.class == "shared")
}

impl Ledger {
    fn numbers(&self) -> Vec<Number<'_>> {
        let mut numbers: BTreeMap<&str, Number<'_>> = BTreeMap::new();
        for fate in &self.fates {
            let number = numbers.entry(&fate.accepted.in_ledger).or_default();
            number.upstream = fate.upstream;
            match &fate.known {
                Some(job) => number.jobs.push((fate, job)),
                None => number.has_lost = true,
            }
        }
        numbers.into_values().collect()
    }

    /// Counts calls. Each attempt needs one call, and each stall may have cost one more. `most` is the number of calls that the
    /// faults may have cost.
    pub(super) fn calls(&self, most: u64) -> Vec<Row> {
        let mut numbers = self.numbers();
        let upstream = numbers.iter().map(|number| number.upstream).sum();
        let stalls = numbers.iter().map(Number::stalls).sum();
        numbers.retain(|number| !number.has_lost);
        let all_extra = numbers.iter().map(Number::extra).sum();
        let too_many = those(&numbers, |number| number.extra() > number.stalls());
        let forgotten = those(&numbers, |number| {
            number.upstream > number.sum(|job| job.calls.into())
        });
        let uncalled = those(&numbers, |number| {
            number.upstream == 0 && number.jobs.iter().any(|(_, job)| job.state.is_final())
        });
        vec![
            Row::count("upstream", "calls that arrived at the provider", upstream),
            Row::count("stalls", "times a worker died or hung with a job", stalls),
            Row::count(
                "extra",
                "calls beyond one for each attempt (allowed: one for each place that a fault hit)",
                all_extra,
            )
            .promised(Promise::AtMost(most)),
            Row::zero(
                "extra_unexplained",
                "jobs with more extra calls than stalls",
                &too_many,
            ),
            Row::count(
                "kept",
                "jobs with a retained answer",
                self.those(|_, job| was_retained(job)).len() as u64,
            ),
            Row::zero(
                "kept_called",
                "jobs that called again despite a retained answer",
                &self.those(|_, job| was_called_again(job)),
            ),
            Row::zero(
                "calls_forgotten",
                "jobs that count fewer calls than arrived",
                &forgotten,
            ),
            Row::zero(
                "uncalled",
                "jobs that ended without any call for their number",
                &uncalled,
            ),
        ]
    }

    /// Counts for a run that reuses answers.
    pub(in crate::chaos) fn sharing(&self) -> Vec<Row> {
        let numbers = self.numbers();
        let saved = self.those(|_, job| reused_from(job).is_some());
        let shared = self.those(|_, job| shares(job));
        let whole = || numbers.iter().filter(|number| !number.has_lost);
        let again = whole().filter(|number| {
            number.is_plain() && number.is_within_window() && number.upstream > 1 + number.stalls()
        });
        let again: Vec<String> = again.map(Number::name).collect();
        let (mut apart, mut strange) = (Vec::new(), Vec::new());
        for number in whole() {
            for (fate, job) in &number.jobs {
                let name = || format!("{} {}", fate.accepted.reference, job.id);
                if shares(job) && !number.was_failed_by_the_provider(job.code.as_deref()) {
                    apart.push(name());
                }
                if reused_from(job).is_some_and(|from| !number.has(from)) {
                    strange.push(name());
                }
            }
        }
        vec![
            Row::count("numbers", "numbers that jobs share", numbers.len() as u64),
            Row::count("saved", "completed without a call", saved.len() as u64),
            Row::count("shared", "dead with their leader", shared.len() as u64),
            Row::zero(
                "asked_again",
                "plain numbers called for more often than once, and once for each stall",
                &again,
            ),
            Row::zero(
                "died_apart",
                "dead with a leader that did not die of the same code",
                &apart,
            ),
            Row::zero(
                "strange_answers",
                "jobs with the answer of another number",
                &strange,
            ),
        ]
    }
}

fn those(numbers: &[Number<'_>], is_so: impl Fn(&Number<'_>) -> bool) -> Vec<String> {
    let those = numbers.iter().filter(|number| is_so(number));
    those.map(Number::name).collect()
}

/// Returns the id of the verification whose answer the job reused.
fn reused_from(job: &Verification) -> Option<&str> {
    let reused = job.outcome.as_ref()?.reused.as_ref()?;
    Some(&reused.verification)
}
