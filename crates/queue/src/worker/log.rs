//! Logging and counting of failed attempts.

use std::fmt::Display;

use kyc_domain::{Decision, Failure, Park};

use crate::{measure, worker::lease::Ticket};

/// Logs an attempt that does not count because the provider fails for all jobs.
///
/// With `holds` its call may have been billed, and the job is held for a decision nevertheless.
pub(crate) fn not_counted(ticket: &Ticket, failure: &Failure, opened: bool, holds: bool) {
    let (id, kind, code) = (ticket.id, &ticket.header.kind, &failure.code);
    measure::failed(kind, failure.class);
    if opened {
        measure::parked(kind, "circuit_open");
        tracing::warn!(kind, code, "The provider fails: paused its kind");
    }
    if holds {
        return held(id, kind, code);
    }
    tracing::warn!(
        verification.id = %id, kind, code, "Attempt failed and does not count: the provider fails for all jobs"
    );
}

/// Logs a failure that concerns only this job: the provider answers others of its kind.
pub(crate) fn isolated(ticket: &Ticket, failure: &Failure, is_last: bool) {
    let (id, kind, code) = (ticket.id, &ticket.header.kind, &failure.code);
    measure::failed(kind, failure.class);
    if is_last {
        measure::dead(kind, code);
        return tracing::error!(verification.id = %id, kind, code, "Verification is dead: the provider answers others of its kind, but not this one");
    }
    measure::retried(kind);
    tracing::warn!(
        verification.id = %id, kind, code, "The provider answers others of its kind, but not this one: isolated the job"
    );
}

/// Logs that kinds were parked because most of their answers are unusable or cannot be stored.
pub(crate) fn parked(ticket: &Ticket, reason: &str) {
    let kind = &ticket.header.kind;
    measure::parked(kind, reason);
    match reason {
        "blob_store" => tracing::error!(
            reason,
            "Parked kinds with images: the blob store fails. They resume when an image has been stored"
        ),
        _ => tracing::error!(
            kind,
            reason,
            "Parked a kind until it is resumed: most of its answers are unusable. They are retained: see kyc jobs reread"
        ),
    }
}

/// Logs a failed attempt and the decision about it.
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
            verification.id = %id, kind, code, delay_ms, "Could not store an image: the answer is retained, and will be stored again without a call"
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

/// Logs and counts jobs that are held for a decision because their worker died or hung.
pub(crate) fn stalled(jobs: &[(String, String)]) {
    for (id, kind) in jobs {
        held(id, kind, "stalled");
    }
}

/// Logs and counts a job that is held for a decision because its call may have been billed.
pub(crate) fn held(id: impl Display, kind: &str, code: &str) {
    measure::held(kind);
    tracing::warn!(
        verification.id = %id, kind, code,
        "A call may have been billed without an answer: held until a person decides, by kyc jobs retry or cancel"
    );
}
