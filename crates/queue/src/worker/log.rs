//! What is logged and counted of attempts that failed.

use std::fmt::Display;

use kyc_domain::{Decision, Failure, Park};

use crate::{measure, worker::lease::Ticket};

/// Logs an attempt that does not count, since the provider fails as a whole.
///
/// With `asks` its call may have been billed, and it waits for a person all the same.
pub(crate) fn not_counted(ticket: &Ticket, failure: &Failure, opened: bool, holds: bool) {
    let (id, kind, code) = (ticket.id, &ticket.header.kind, &failure.code);
    measure::failed(kind, failure.class);
    if opened {
        measure::parked(kind, "circuit_open");
        tracing::warn!(kind, code, "The provider fails: its kind pauses");
    }
    if holds {
        return held(id, kind, code);
    }
    tracing::warn!(
        verification.id = %id, kind, code, "Attempt failed, and does not count: the provider fails as a whole"
    );
}

/// Logs an attempt that failed in a way that is the job's own: others of its kind are answered.
pub(crate) fn isolated(ticket: &Ticket, failure: &Failure, is_last: bool) {
    let (id, kind, code) = (ticket.id, &ticket.header.kind, &failure.code);
    measure::failed(kind, failure.class);
    if is_last {
        measure::dead(kind, code);
        return tracing::error!(verification.id = %id, kind, code, "Verification is dead: the provider answers others of its kind, and not this one");
    }
    measure::retried(kind);
    tracing::warn!(
        verification.id = %id, kind, code, "The provider answers others of its kind, and not this one: the job is isolated"
    );
}

/// Logs that kinds park, since most answers are of no use or cannot be stored.
pub(crate) fn parked(ticket: &Ticket, reason: &str) {
    let kind = &ticket.header.kind;
    measure::parked(kind, reason);
    match reason {
        "blob_store" => tracing::error!(
            reason,
            "Parked kinds with images: the blob store fails. They go on once an image could be stored"
        ),
        _ => tracing::error!(
            kind,
            reason,
            "Parked a kind until it is resumed: most of its answers are of no use. They are kept: see kyc jobs reread"
        ),
    }
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
        &ticket.header.kind,
        failure.class,
        ticket.progress.attempts + 1,
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
        Decision::Keep(_) => tracing::warn!(
            verification.id = %id, kind, code, delay_ms, "Could not store an image: the answer is kept, and stored again without a call"
        ),
        Decision::Hold => held(id, kind, code),
        Decision::Dead(_) => {
            tracing::error!(verification.id = %id, kind, ?class, code, attempt, "Verification is dead");
        }
        Decision::GiveBack => {}
    }
}

fn count(ticket: &Ticket, failure: &Failure, decision: &Decision) {
    measure::failed(&ticket.header.kind, failure.class);
    match decision {
        Decision::Park(_, why) => measure::parked(&ticket.header.kind, why.as_str()),
        Decision::Retry(_) => measure::retried(&ticket.header.kind),
        Decision::Dead(code) => measure::dead(&ticket.header.kind, code),
        Decision::Keep(_) | Decision::Hold | Decision::GiveBack => {}
    }
}

/// Logs and counts jobs that wait for a person, since their worker died or hung.
pub(crate) fn stalled(jobs: &[(String, String)]) {
    for (id, kind) in jobs {
        held(id, kind, "stalled");
    }
}

/// Logs and counts a job that waits for a person, since its call may have been billed.
pub(crate) fn held(id: impl Display, kind: &str, code: &str) {
    measure::held(kind);
    tracing::warn!(
        verification.id = %id, kind, code,
        "A call may have been billed without an answer: not called again before a person says so, by kyc jobs retry or cancel"
    );
}
