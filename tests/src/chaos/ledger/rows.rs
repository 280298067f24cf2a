//! The counts of jobs by their end.

use kyc_queue::{State, Verification};

use super::{Fate, Ledger, numbers::shares};
use crate::chaos::{
    jobs::{Accepted, Ending, Part},
    report::Row,
};

impl Ledger {
    pub(super) fn ends(&self) -> Vec<Row> {
        let state = |state| {
            let there = |fate: &&Fate| fate.known.as_ref().is_some_and(|job| job.state == state);
            self.fates.iter().filter(there).count() as u64
        };
        let again = self.fates.iter().filter(|fate| fate.accepted.known_before);
        let longest = self.known().map(|(fate, job)| (waited_ms(job), fate, job));
        let longest = longest.max_by_key(|(waited, ..)| *waited);
        let longest = longest.map_or_else(Default::default, |(waited, fate, job)| {
            let Accepted {
                reference,
                priority,
                ..
            } = &fate.accepted;
            let stalls = job.stalls;
            let example = format!(
                "{reference} {}, {priority} priority, {stalls} stalls",
                job.id
            );
            (waited, vec![example])
        });
        vec![
            Row::count("accepted", "accepted", self.fates.len() as u64),
            Row::count(
                "accepted_again",
                "of these, accepted earlier, with a lost answer",
                again.count() as u64,
            ),
            Row::count("completed", "completed", state(State::Completed)),
            Row::count("dead", "dead", state(State::Dead)),
            Row {
                examples: longest.1,
                ..Row::count(
                    "longest_ms",
                    "longest time from acceptance to end, ms",
                    longest.0,
                )
            },
        ]
    }

    pub(super) fn broken_ends(&self) -> Vec<Row> {
        let lost: Vec<String> = self
            .fates
            .iter()
            .filter(|fate| fate.known.is_none())
            .map(|fate| fate.accepted.reference.clone())
            .collect();
        // A job that died of an unreadable answer is published as dead, and once more after its answer was read again.
        let most = |job: &Verification| 1 + usize::from(was_read_again(job));
        let twice = self.those(|fate, job| fate.published > most(job));
        let waiting = self.those(|_, job| !job.state.is_final());
        let silent = self.those(|fate, job| job.state.is_final() && fate.published == 0);
        let empty = self.those(|_, job| job.state == State::Completed && job.outcome.is_none());
        let wrong = self.those(|fate, job| job.state.is_final() && !ended_well(fate, job));
        let spent = self.those(|fate, job| {
            let part = Part::of(&fate.accepted.case);
            let attempts = part.and_then(|part| part.attempts);
            // A follower dies after the attempts of its leader, unless it sets the number of its attempts.
            let fewer = part.is_some_and(|part| !part.has_own_limit()) && shares(job);
            job.state.is_final()
                && attempts.is_some_and(|attempts| {
                    attempts != job.attempts && !(fewer && job.attempts < attempts)
                })
        });
        let refused: Vec<String> = (0..self.rejected).map(|_| "inbox".to_owned()).collect();
        vec![
            Row::zero("waiting", "still waiting at the end", &waiting),
            Row::zero("lost", "lost", &lost),
            Row::zero("published_twice", "published more than once", &twice),
            Row::zero(
                "doubled",
                "idempotency keys of more than one job",
                &self.doubled,
            ),
            Row::zero("unpublished", "ended without a published result", &silent),
            Row::zero(
                "without_result",
                "completed without a stored result",
                &empty,
            ),
            Row::zero("wrong_end", "ended otherwise than required", &wrong),
            Row::zero(
                "attempts_spent",
                "jobs whose attempts a fault changed",
                &spent,
            ),
            Row::zero(
                "unanswered",
                "not accepted, with all faults over",
                &self.unanswered,
            ),
            Row::zero(
                "strangers",
                "published without having been accepted",
                &self.strangers,
            ),
            Row::zero("refused", "refused by the inbox", &refused),
        ]
    }
}

/// Returns the time from its acceptance to its end.
fn waited_ms(job: &Verification) -> u64 {
    let end = job.finished_at.unwrap_or(job.enqueued_at);
    let waited = end.as_millisecond() - job.enqueued_at.as_millisecond();
    u64::try_from(waited).unwrap_or_default()
}

/// Returns whether it died of an unreadable answer that was read again later.
fn was_read_again(job: &Verification) -> bool {
    let mut lines = job.history.iter();
    lines.any(|line| line.class == "unreadable") && lines.any(|line| line.class == "reread")
}

fn ended_well(fate: &Fate, job: &Verification) -> bool {
    match Part::of(&fate.accepted.case).map(|part| part.ending) {
        Some(Ending::Completed(verdict)) => job.verdict.as_deref() == Some(verdict),
        Some(Ending::Dead) => job.state == State::Dead && job.code.as_deref() != Some("stalled"),
        None => false,
    }
}
