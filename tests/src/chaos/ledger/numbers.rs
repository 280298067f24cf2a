//! What the books say by number: jobs that share one need one answer.

use std::collections::BTreeMap;

use kyc_queue::{Attempt, State, Verification};

use super::{Fate, Ledger};
use crate::chaos::{
    jobs::Part,
    report::{Promise, Row},
    sharing::WINDOW,
};

/// A number, and everything that is known of its jobs.
#[derive(Default)]
struct Number<'a> {
    jobs: Vec<(&'a Fate, &'a Verification)>,
    /// A job of it is lost, and told as that: nobody knows what it spent.
    has_lost: bool,
    /// Calls that arrived at the provider.
    upstream: u64,
}

impl Number<'_> {
    fn sum(&self, of: impl Fn(&Verification) -> u64) -> u64 {
        self.jobs.iter().map(|(_, job)| of(job)).sum()
    }

    fn stalls(&self) -> u64 {
        self.sum(|job| job.stalls.into())
    }

    /// Calls beyond one for each attempt that was to make one.
    fn extra(&self) -> u64 {
        self.upstream.saturating_sub(self.sum(asked))
    }

    fn is_plain(&self) -> bool {
        self.jobs
            .iter()
            .all(|(fate, _)| Part::of(&fate.accepted.case).is_some_and(Part::is_plain))
    }

    /// All of it happened while its first answer did for all.
    fn is_within_window(&self) -> bool {
        let began = self.jobs.iter().map(|(_, job)| job.enqueued_at).min();
        let ended = self.jobs.iter().map(|(_, job)| job.finished_at).max();
        let (Some(began), Some(Some(ended))) = (began, ended) else {
            return true;
        };
        u128::try_from(ended.as_millisecond() - began.as_millisecond())
            .is_ok_and(|lasted| lasted < WINDOW.as_millis())
    }

    /// By its first job, and how many others there are.
    fn name(&self) -> String {
        let Some((fate, job)) = self.jobs.first() else {
            return String::new();
        };
        match self.jobs.len() - 1 {
            0 => format!("{} {}", fate.accepted.reference, job.id),
            others => format!("{} {} and {others} more", fate.accepted.reference, job.id),
        }
    }

    /// Whether one of its jobs made calls and died of that code.
    fn was_failed_by_the_provider(&self, code: Option<&str>) -> bool {
        self.jobs
            .iter()
            .any(|(_, job)| job.state == State::Dead && !shares(job) && job.code.as_deref() == code)
    }

    fn has(&self, id: &str) -> bool {
        self.jobs.iter().any(|(_, job)| job.id.to_string() == id)
    }
}

/// Attempts that were to make a call, those included that did not count because the circuit was open: they stand in the history.
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

/// An answer that was kept was read, or stored, once more: no call was made.
fn reads_again(line: &Attempt) -> bool {
    let kept = ["store", "unreadable"].contains(&line.class.as_str()) && line.status.is_none();
    kept || line.class == "reread"
}

/// Whether an answer was kept with it, and its provider was called once more all the same.
fn was_called_again(job: &Verification) -> bool {
    let kept = |line: &Attempt| ["store", "unreadable"].contains(&line.class.as_str());
    let mut lines = job.history.iter().skip_while(|line| !kept(line)).skip(1);
    lines.any(|line| {
        !reads_again(line) && !["stalled", "shared", "reused"].contains(&line.class.as_str())
    })
}

/// Whether an answer was kept with it.
fn was_retained(job: &Verification) -> bool {
    job.history
        .iter()
        .any(|line| ["store", "unreadable"].contains(&line.class.as_str()))
}

/// Whether it died because the provider failed whom it followed.
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

    /// Each attempt needs one call; each time a worker died or hung with the job may have cost one more.
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
            Row::count("upstream", "upstream calls", upstream),
            Row::count("stalls", "times a worker died or hung with a job", stalls),
            Row::count(
                "extra",
                "extra calls, beyond one an attempt (of places that faults hit)",
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
                "jobs whose answer was kept",
                self.those(|_, job| was_retained(job)).len() as u64,
            ),
            Row::zero(
                "kept_called",
                "called for again with their answer kept",
                &self.those(|_, job| was_called_again(job)),
            ),
            Row::zero("calls_forgotten", "jobs that forgot a call", &forgotten),
            Row::zero("uncalled", "ended without a call", &uncalled),
        ]
    }

    /// What holds where answers are reused.
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
            Row::count(
                "shared",
                "dead with whom they followed",
                shared.len() as u64,
            ),
            Row::zero(
                "asked_again",
                "plain numbers asked more often than once and once a stall",
                &again,
            ),
            Row::zero(
                "died_apart",
                "dead of what failed nobody they followed",
                &apart,
            ),
            Row::zero(
                "strange_answers",
                "answered with another number's answer",
                &strange,
            ),
        ]
    }
}

fn those(numbers: &[Number<'_>], is_so: impl Fn(&Number<'_>) -> bool) -> Vec<String> {
    let those = numbers.iter().filter(|number| is_so(number));
    those.map(Number::name).collect()
}

/// The verification whose answer it has.
fn reused_from(job: &Verification) -> Option<&str> {
    let reused = job.outcome.as_ref()?.reused.as_ref()?;
    Some(&reused.verification)
}
