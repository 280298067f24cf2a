//! What a job went through: a JSON field of its hash, written at the end of each attempt. The scripts read it too.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kyc_domain::{Class, Decision, Failure, Outcome};
use serde::{Deserialize, Serialize};

use crate::{Attempt, worker::lease::Ticket};

/// A job keeps the newest of its history.
const LINES: usize = 40;

/// What a job went through so far. Empty before its first attempt ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// Attempts spent.
    pub(crate) attempts: u32,
    pub(crate) calls: u32,
    /// Calls that may have been billed without an answer.
    pub(crate) unanswered: u32,
    /// Workers that died or hung with it.
    pub(crate) stalls: u32,
    /// It was there twice when a worker died or hung.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) quarantined: bool,
    /// An answer to it brought its kind to a stop: others are tried first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deferred: bool,
    /// How often it was set apart, since the provider answers others and not this one.
    #[serde(skip_serializing_if = "is_none")]
    pub(crate) apart: u32,
    /// What becomes of the answer that is kept with it, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<RetainedAs>,
    /// The lease under which it was settled last: a settlement that comes again is known by it.
    pub(crate) by: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) history: Vec<Attempt>,
    /// How it ended; `None` while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<String>,
    /// Code and sentence of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sentence: Option<String>,
}

/// Why an answer is kept with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RetainedAs {
    /// It could not be read; a person may have it read again.
    Kept,
    /// It is to be read, without a call.
    Ready,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Progress {
    /// Nothing yet, for a job that was never tried.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        serde_json::from_slice(text).ok()
    }

    /// How many attempts before ended in a failure of this class. Those that the circuit not counted are none: they were, or are
    /// being, made again under the same number.
    pub(crate) fn alike(&self, class: Class) -> u32 {
        let attempts = self
            .history
            .iter()
            .filter(|attempt| attempt.class == class.as_str());
        let alike = if class.speaks_against_provider() {
            let spent = attempts
                .map(|attempt| attempt.attempt)
                .filter(|attempt| *attempt <= self.attempts);
            spent.collect::<BTreeSet<_>>().len()
        } else {
            attempts.count()
        };
        u32::try_from(alike).unwrap_or(u32::MAX)
    }

    /// The progress of a job that ended with an outcome.
    pub(crate) fn completed(
        ticket: &Ticket,
        session: &str,
        outcome: &Outcome,
        (at, ms): (Timestamp, u64),
    ) -> Self {
        let (call_details, is_reused) = (&outcome.call_details, outcome.reused.is_some());
        let class = match (is_reused, ticket.is_retained) {
            (true, _) => "reused",
            (false, true) => "reread",
            (false, false) => "completed",
        };
        let attempt = Attempt {
            at: at.as_millisecond(),
            attempt: ticket.progress.attempts + u32::from(!ticket.is_retained),
            class: class.to_owned(),
            code: None,
            // Nobody answered this one.
            status: call_details.http_status.filter(|_| !is_reused),
            ms: Some(ms),
        };
        Self {
            attempts: attempt.attempt,
            calls: call_details.calls,
            unanswered: call_details.unanswered_calls,
            state: Some("completed".to_owned()),
            verdict: Some(outcome.verdict.as_str().to_owned()),
            code: None,
            sentence: None,
            deferred: false,
            apart: 0,
            answer: None,
            ..Self::with(ticket, session, attempt)
        }
    }

    /// The progress of a job whose attempt failed, after it was decided what becomes of it under which code.
    pub(crate) fn failed(
        ticket: &Ticket,
        session: &str,
        failure: &Failure,
        (decision, code): (&Decision, &str),
        (at, ms): (Timestamp, u64),
    ) -> Self {
        let before = &ticket.progress;
        let is_parked = matches!(decision, Decision::Park { .. });
        // Without a call only an answer was read, or stored, once more: one that is kept, or another job's. Where our own
        // code fails on it that must end some time.
        let is_read_again = ticket.is_retained && failure.class != Class::Internal;
        let stays = is_read_again || matches!(decision, Decision::Keep(_));
        let is_spent = !is_parked && (failure.call.sent || !stays);
        let attempt = Attempt {
            at: at.as_millisecond(),
            attempt: before.attempts + u32::from(is_spent || is_parked),
            class: failure.class.as_str().to_owned(),
            code: Some(failure.code.clone()),
            status: failure.call.http_status,
            ms: Some(ms),
        };
        Self {
            // Waiting spends no attempt.
            attempts: before.attempts + u32::from(is_spent),
            calls: before.calls + u32::from(failure.call.sent),
            unanswered: before.unanswered + u32::from(failure.call.unanswered),
            state: matches!(decision, Decision::Dead(_)).then(|| "dead".to_owned()),
            code: Some(code.to_owned()),
            sentence: Some(failure.sentence.clone()),
            deferred: before.deferred && is_parked,
            apart: if is_parked { before.apart } else { 0 },
            answer: retained_as(ticket, failure, decision),
            ..Self::with(ticket, session, attempt)
        }
    }

    fn with(ticket: &Ticket, session: &str, attempt: Attempt) -> Self {
        let mut progress = ticket.progress.clone();
        progress.by = format!("{session} {}", ticket.batch);
        progress.history.push(attempt);
        let surplus = progress.history.len().saturating_sub(LINES);
        progress.history.drain(..surplus);
        progress
    }
}

/// What becomes of the answer that is kept, or was before.
fn retained_as(ticket: &Ticket, failure: &Failure, decision: &Decision) -> Option<RetainedAs> {
    if matches!(decision, Decision::Keep(_)) {
        return Some(RetainedAs::Ready);
    }
    // The provider is not asked again for what it answered, as long as that may yet be read.
    let before = ticket.progress.answer.filter(|_| failure.kept.is_none());
    match (before, decision) {
        (Some(RetainedAs::Ready), Decision::Retry(_)) => Some(RetainedAs::Ready),
        (Some(_), _) => Some(RetainedAs::Kept),
        (None, _) => failure.kept.as_ref().map(|_| RetainedAs::Kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A progress of so many attempts, with failures as class and number of the attempt.
    fn progress(attempts: u32, failures: &[(Class, u32)]) -> Progress {
        let history = failures.iter().map(|(class, attempt)| Attempt {
            at: 0,
            attempt: *attempt,
            class: class.as_str().to_owned(),
            code: None,
            status: None,
            ms: None,
        });
        Progress {
            attempts,
            history: history.collect(),
            ..Progress::default()
        }
    }

    #[test]
    fn what_the_circuit_spared_is_no_attempt_before() {
        use Class::{Damaged, Store, Transient};

        for (attempts, failures, class, alike) in [
            (0, &[][..], Damaged, 0),
            // The first was not counted, and is made again.
            (0, &[(Damaged, 1)], Damaged, 0),
            (1, &[(Damaged, 1), (Damaged, 1)], Damaged, 1),
            (1, &[(Damaged, 1), (Damaged, 2), (Damaged, 2)], Damaged, 1),
            (2, &[(Transient, 1), (Damaged, 2)], Damaged, 1),
            (2, &[(Damaged, 1), (Damaged, 2)], Damaged, 2),
            // Storing again spends none, and each of these counts.
            (1, &[(Store, 1), (Store, 1), (Store, 1)], Store, 3),
        ] {
            assert_eq!(
                progress(attempts, failures).alike(class),
                alike,
                "{failures:?}"
            );
        }
    }
}
