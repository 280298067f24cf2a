//! What is logged and counted of attempts that failed.

use std::fmt::Display;

use kyc_domain::{Decision, Failure, Park};

use crate::{measure, work::lease::Ticket};

/// Logs an attempt that does not count, since the source fails as a whole.
///
/// With `asks` its call may have been billed, and it waits for a person all the same.
pub(crate) fn spared(ticket: &Ticket, failure: &Failure, opened: bool, asks: bool) {
    let (id, kind, code) = (ticket.id, &ticket.label.kind, &failure.code);
    measure::failed(kind, failure.class);
    if opened {
        measure::parked(kind, "circuit_open");
        tracing::warn!(kind, code, "The source fails: its kind pauses");
    }
    if asks {
        return asked(id, kind, code);
    }
    tracing::warn!(
        verification.id = %id, kind, code, "Attempt failed, and does not count: the source fails as a whole"
    );
}

/// Logs what became of a failed attempt.
pub(crate) fn settled(
    ticket: &Ticket,
    failure: &Failure,
    decision: &Decision,
    code: &str,
    delay_ms: &str,
) {
    let (id, kind, class, attempt) = (
        ticket.id,
        &ticket.label.kind,
        failure.class,
        ticket.story.attempts + 1,
    );
    count(ticket, failure, decision);
    match decision {
        Decision::Park(Park::UntilResumed, _) => {
            let why = &failure.sentence;
            tracing::error!(
                kind,
                reason = code,
                "Parked a kind until it is resumed: {why}"
            );
        }
        Decision::Park(..) => {
            tracing::warn!(kind, reason = code, pause_ms = delay_ms, "Parked a kind");
        }
        Decision::Retry(_) => tracing::warn!(
            verification.id = %id, kind, ?class, code, attempt, delay_ms, "Attempt failed; will try again"
        ),
        Decision::Ask => asked(id, kind, code),
        Decision::Dead(_) => {
            tracing::error!(verification.id = %id, kind, ?class, code, attempt, "Verification is dead");
        }
        Decision::GiveBack => {}
    }
}

fn count(ticket: &Ticket, failure: &Failure, decision: &Decision) {
    measure::failed(&ticket.label.kind, failure.class);
    match decision {
        Decision::Park(_, why) => measure::parked(&ticket.label.kind, why.as_str()),
        Decision::Retry(_) => measure::retried(&ticket.label.kind),
        Decision::Dead(code) => measure::dead(&ticket.label.kind, code),
        Decision::Ask | Decision::GiveBack => {}
    }
}

/// Logs and counts jobs that wait for a person, since their worker died or hung.
pub(crate) fn stalled(jobs: &[(String, String)]) {
    for (id, kind) in jobs {
        asked(id, kind, "stalled");
    }
}

/// Logs and counts a job that waits for a person, since its call may have been billed.
pub(crate) fn asked(id: impl Display, kind: &str, code: &str) {
    measure::asked(kind);
    tracing::warn!(
        verification.id = %id, kind, code,
        "A call may have been billed without an answer: not called again before a person says so, by kyc jobs retry or cancel"
    );
}
