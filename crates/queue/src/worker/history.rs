//! Adds an attempt that ended to its job's progress.

use jiff::Timestamp;
use kyc_domain::{Class, Decision, Failure, Outcome};

use crate::{
    Attempt,
    worker::{
        lease::Ticket,
        progress::{Progress, RetainedAs},
    },
};

/// The number of entries that a job's history retains, the newest ones.
const ENTRIES: usize = 40;

impl Progress {
    /// Returns the progress of a job that ended with an outcome.
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
            // No answer arrived for this job itself.
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
            isolated: 0,
            answer: None,
            ..Self::with(ticket, session, attempt)
        }
    }

    /// Returns the progress of a job whose attempt failed and was decided upon.
    pub(crate) fn failed(
        ticket: &Ticket,
        session: &str,
        failure: &Failure,
        (decision, code): (&Decision, &str),
        (at, ms): (Timestamp, u64),
    ) -> Self {
        let before = &ticket.progress;
        let is_parked = matches!(decision, Decision::Park { .. });
        // A job without a call only reads or stores an existing answer: its own retained answer or
        // another job's. If our own code fails on it, attempts are spent, so that this ends.
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
            // Parking spends no attempt.
            attempts: before.attempts + u32::from(is_spent),
            calls: before.calls + u32::from(failure.call.sent),
            unanswered: before.unanswered + u32::from(failure.call.unanswered),
            state: matches!(decision, Decision::Dead(_)).then(|| "dead".to_owned()),
            code: Some(code.to_owned()),
            sentence: Some(failure.sentence.clone()),
            deferred: before.deferred && is_parked,
            isolated: if is_parked { before.isolated } else { 0 },
            answer: retained_as(ticket, failure, decision),
            ..Self::with(ticket, session, attempt)
        }
    }

    fn with(ticket: &Ticket, session: &str, attempt: Attempt) -> Self {
        let mut progress = ticket.progress.clone();
        progress.by = format!("{session} {}", ticket.batch);
        progress.history.push(attempt);
        let surplus = progress.history.len().saturating_sub(ENTRIES);
        progress.history.drain(..surplus);
        progress
    }
}

/// Returns how the answer is retained after this attempt, if there is one.
fn retained_as(ticket: &Ticket, failure: &Failure, decision: &Decision) -> Option<RetainedAs> {
    if matches!(decision, Decision::Keep(_)) {
        return Some(RetainedAs::Ready);
    }
    // An earlier answer stays retained as long as it may still be read, so that no second call is
    // made for it.
    let before = ticket.progress.answer.filter(|_| failure.kept.is_none());
    match (before, decision) {
        (Some(RetainedAs::Ready), Decision::Retry(_)) => Some(RetainedAs::Ready),
        (Some(_), _) => Some(RetainedAs::Kept),
        (None, _) => failure.kept.as_ref().map(|_| RetainedAs::Kept),
    }
}
