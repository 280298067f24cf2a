//! The one table of metrics: names, help texts, and every value a label may have.

use Shape::{Counter, Gauge, Histogram};
use Values::{Kinds, KindsAndAccount, KindsAndAll, Of};

/// What a metric's values are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations in seconds, counted in buckets with these upper bounds.
    Histogram(&'static Buckets),
}

/// Upper bounds in seconds.
pub type Buckets = [f64];

/// The values that a label may have; whatever else comes is told as `other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// The kinds of check.
    Kinds,
    /// The kinds of check, and `all` for what is not counted by kind.
    KindsAndAll,
    /// The kinds of check, and `account` for all of them together.
    KindsAndAccount,
    /// These.
    Of(&'static [&'static str]),
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What its values are like.
    pub shape: Shape,
    /// Its labels and what they may be.
    pub labels: &'static [(&'static str, Values)],
    /// What it says, for people.
    pub help: &'static str,
}

/// A call over a network, from the quickest to beyond the longest time-out.
const CALLS: &Buckets = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0,
];
/// A time in the ready queue, up to days.
const WAITS: &Buckets = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0,
];

const KIND: (&str, Values) = ("kind", Kinds);
/// Of what may hold for a kind, and for the account.
const KIND_OR_ACCOUNT: (&str, Values) = ("kind", KindsAndAccount);
/// Whose limits they are.
const SCOPE: (&str, Values) = ("scope", KindsAndAccount);
const VERDICTS: Values = Of(&[
    "match",
    "partial_match",
    "no_match",
    "found",
    "not_found",
    "rejected",
]);
const CLASSES: Values = Of(&[
    "transient",
    "ambiguous",
    "damaged",
    "unreadable",
    "wrong_record",
    "store",
    "refused",
    "wait",
    "key",
    "wallet",
    "internal",
    "hopeless",
    "missed",
]);
const PARK_REASONS: Values = Of(&[
    "retry_after",
    "throttled",
    "key_refused",
    "wallet_empty",
    "unreadable_answers",
    "wrong_records",
    "blob_store",
    "circuit_open",
]);
/// Also by a person, and because the day's calls are used up.
const PAUSE_REASONS: Values = Of(&[
    "retry_after",
    "throttled",
    "key_refused",
    "wallet_empty",
    "unreadable_answers",
    "wrong_records",
    "blob_store",
    "circuit_open",
    "paused",
    "daily_quota",
]);
const STATES: Values = Of(&[
    "ready",
    "coalesced",
    "scheduled",
    "needs_decision",
    "running",
    "completed",
    "dead",
    "cancelled",
    "inbox",
    "rejected",
]);
/// What the provider answered: the status' first digit, or nothing.
const ANSWERS: Values = Of(&["2xx", "3xx", "4xx", "5xx", "none"]);
const OPERATIONS: Values = Of(&[
    "lease", "renew", "complete", "settle", "release", "trim", "inbox", "wake",
]);
#[rustfmt::skip]
const CODES: Values = Of(&[
    "deadline_passed", "consent_missing", "request_unreadable", "request_unusable", "kind_unknown", "unsealable", "seal_failed",
    "panic", "internal", "invalid_request", "config", "blob_store", "wallet_empty", "envelope", "envelope_error",
    "connect", "timeout_connect", "timeout_after_send", "timeout_in_body", "cut_after_send", "cut_in_body",
    "undecodable", "too_large", "redirect", "not_json", "wrong_shape",
    "http_404_page", "http_401", "http_402", "http_403", "http_405", "http_406", "http_408", "http_409", "http_410", "http_413",
    "http_415", "http_423", "http_425", "http_429", "http_451", "http_500", "http_501", "http_502", "http_503",
    "http_504", "http_520", "http_521", "http_522", "http_523", "http_524", "http_525", "http_526", "http_530",
]);

const fn metric(
    name: &'static str,
    shape: Shape,
    labels: &'static [(&'static str, Values)],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        shape,
        labels,
        help,
    }
}

/// All metrics: first what a worker counts itself, then what it reads of the whole queue when it is asked.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    metric("kyc_jobs_completed_total", Counter, &[KIND, ("verdict", VERDICTS)],
        "Jobs this worker has completed."),
    metric("kyc_calls_saved_total", Counter, &[KIND],
        "Jobs this worker has completed without a call: an answer was reused."),
    metric("kyc_attempts_failed_total", Counter, &[KIND, ("class", CLASSES)],
        "Attempts of this worker that failed, by what kind of trouble it was."),
    metric("kyc_jobs_retried_total", Counter, &[KIND],
        "Jobs this worker has put off to another attempt."),
    metric("kyc_jobs_held_total", Counter, &[KIND],
        "Jobs this worker has put before a person: their call may have been billed, and is not made again without a decision."),
    metric("kyc_jobs_dead_total", Counter, &[KIND, ("code", CODES)],
        "Jobs this worker has given up, by the code that says why."),
    metric("kyc_kinds_parked_total", Counter, &[KIND, ("reason", PARK_REASONS)],
        "How often an answer to this worker parked a kind."),
    metric("kyc_slots_missed_total", Counter, &[KIND, ("why", Of(&["slot_late", "slot_closed"]))],
        "Slots that this worker gave back with nothing sent: their time had passed, or their kind was parked meanwhile."),
    metric("kyc_job_seconds", Histogram(CALLS), &[KIND],
        "Time of one attempt, from its start until it is to be settled."),
    metric("kyc_job_wait_seconds", Histogram(WAITS), &[KIND],
        "Time from a job's acceptance to its first start; a time it was not to be sent before counts in."),
    metric("kyc_upstream_call_seconds", Histogram(CALLS), &[KIND, ("answer", ANSWERS)],
        "Time of one call to the provider, by its answer's status."),
    metric("kyc_upstream_unanswered_total", Counter, &[KIND],
        "Calls of this worker that may have been billed without a usable answer."),
    metric("kyc_leases_lost_total", Counter, &[],
        "Leases that this worker lost: it did not renew them in time."),
    metric("kyc_inbox_entries_total", Counter, &[("result", Of(&["accepted", "rejected"]))],
        "Entries of the inbox that this worker has taken."),
    metric("kyc_dead_letters_dropped_total", Counter, &[],
        "Dead jobs that this worker dropped because their retention was over."),
    metric("kyc_redis_troubles_total", Counter, &[("operation", OPERATIONS)],
        "Operations on Redis that failed and are tried again, by what was to be done."),
    metric("kyc_worker_leases", Gauge, &[],
        "Jobs in the hands of this worker."),
    metric("kyc_worker_draining", Gauge, &[],
        "1 once this worker was told to stop."),
    metric("kyc_queue_readable", Gauge, &[],
        "1 when the queue could be read for this page; else the metrics of the whole queue are missing from it."),
    metric("kyc_queue_jobs", Gauge, &[("kind", KindsAndAll), ("state", STATES)],
        "Jobs of the whole queue by state; only ready ones are counted by kind."),
    metric("kyc_queue_oldest_seconds", Gauge, &[("kind", KindsAndAll), ("state", Of(&["ready", "scheduled", "needs_decision", "dead", "inbox"]))],
        "Of the first job in that state: time since it was accepted (ready), was due (scheduled), waits for a person (needs_decision), died (dead), came (inbox)."),
    metric("kyc_queue_parked", Gauge, &[KIND_OR_ACCOUNT, ("reason", PAUSE_REASONS)],
        "1 when the kind, or the account, sends nothing for now, for this reason."),
    metric("kyc_queue_parked_seconds", Gauge, &[KIND_OR_ACCOUNT],
        "Time until what is parked sends again; 0 when it is not parked, or until a person resumes it."),
    metric("kyc_limit_rate", Gauge, &[SCOPE],
        "Calls a second that the rate allows, its margin not taken off; missing where none is set."),
    metric("kyc_limit_daily", Gauge, &[SCOPE],
        "Calls of a day that the daily quota allows; missing where none is set."),
    metric("kyc_limit_in_flight", Gauge, &[SCOPE],
        "Jobs that may be in the hands of workers at once; missing where none is set."),
    metric("kyc_calls_today", Gauge, &[SCOPE],
        "Calls of today, by the zone of the daily quota or else by Lagos."),
    metric("kyc_calls_in_flight", Gauge, &[SCOPE],
        "Jobs in the hands of workers."),
    metric("kyc_queue_workers", Gauge, &[],
        "Workers that live."),
    metric("kyc_queue_stalls_total", Counter, &[KIND, ("end", Of(&["again", "held", "dead"]))],
        "Leases of the whole queue that ran out because a worker died or hung; `dead` where it was once too often, `held` where a person decides."),
    metric("kyc_dead_letters_expiring", Gauge, &[],
        "Dead jobs that will be dropped within 24 hours, or within the last tenth of their retention where that is shorter."),
    metric("kyc_dead_letters_next_drop_seconds", Gauge, &[],
        "Time until the first dead job is dropped; missing when there is none."),
];

/// The metric of that name.
pub(super) fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
