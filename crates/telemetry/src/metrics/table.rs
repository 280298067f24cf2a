//! The table of metrics: names, help texts, labels and their values.

use Shape::{Counter, Gauge, Histogram};
use Values::{Kinds, KindsAndAccount, KindsAndAll, Of};

/// The type of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A value that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Durations in seconds, counted in buckets with these upper bounds.
    Histogram(&'static Buckets),
}

/// Upper bounds in seconds.
pub type Buckets = [f64];

/// The values of a label. All other values are replaced by `other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// The kinds.
    Kinds,
    /// The kinds, and `all` for what is not counted by kind.
    KindsAndAll,
    /// The kinds, and `account` for all of them together.
    KindsAndAccount,
    /// These values.
    Of(&'static [&'static str]),
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub shape: Shape,
    /// The labels and their values.
    pub labels: &'static [(&'static str, Values)],
    /// The help text.
    pub help: &'static str,
}

/// Buckets for calls over a network, up to more than the longest timeout.
const CALLS: &Buckets = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0,
];
/// Buckets for times in the ready queue, up to a day.
const WAITS: &Buckets = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0,
];

const KIND: (&str, Values) = ("kind", Kinds);
/// The label of a state that a kind or the account can have.
const KIND_OR_ACCOUNT: (&str, Values) = ("kind", KindsAndAccount);
/// The label of limits: those of a kind or of the account.
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
    "sandbox",
    "internal",
    "hopeless",
    "missed",
]);
const PARK_REASONS: Values = Of(&[
    "retry_after",
    "throttled",
    "key_refused",
    "wallet_empty",
    "sandbox_answer",
    "unreadable_answers",
    "wrong_records",
    "blob_store",
    "circuit_open",
]);
/// [`PARK_REASONS`], and pauses by a person and by an exhausted daily quota.
const PAUSE_REASONS: Values = Of(&[
    "retry_after",
    "throttled",
    "key_refused",
    "wallet_empty",
    "sandbox_answer",
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
/// The first digit of the status of the provider's answer, or `none`.
const ANSWERS: Values = Of(&["2xx", "3xx", "4xx", "5xx", "none"]);
const OPERATIONS: Values = Of(&[
    "lease",
    "renew",
    "complete",
    "settle",
    "release",
    "trim",
    "inbox",
    "wake",
    "key_records",
]);
#[rustfmt::skip]
const CODES: Values = Of(&[
    "deadline_passed", "consent_missing", "request_unreadable", "request_unusable", "kind_unknown", "key_record_missing", "unsealable", "seal_failed",
    "panic", "internal", "invalid_request", "config", "blob_store", "wallet_empty", "sandbox_answer", "envelope", "envelope_error",
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

/// All metrics: first those that a worker records itself, then those of the whole queue, which are read for each page.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    metric("kyc_jobs_completed_total", Counter, &[KIND, ("verdict", VERDICTS)],
        "Jobs that this worker has completed."),
    metric("kyc_calls_saved_total", Counter, &[KIND],
        "Jobs that this worker has completed without a call, with a cached answer."),
    metric("kyc_attempts_failed_total", Counter, &[KIND, ("class", CLASSES)],
        "Attempts of this worker that failed, by class of failure."),
    metric("kyc_jobs_retried_total", Counter, &[KIND],
        "Jobs that this worker has scheduled for another attempt."),
    metric("kyc_jobs_held_total", Counter, &[KIND],
        "Jobs that this worker has held: their call may have been billed, and is not repeated without a person's decision."),
    metric("kyc_jobs_dead_total", Counter, &[KIND, ("code", CODES)],
        "Jobs that this worker has declared dead, by code of the failure."),
    metric("kyc_kinds_parked_total", Counter, &[KIND, ("reason", PARK_REASONS)],
        "How often an answer to this worker has parked a kind."),
    metric("kyc_slots_missed_total", Counter, &[KIND, ("why", Of(&["slot_late", "slot_closed"]))],
        "Slots that this worker gave back without a call, because their time had passed or their kind had been parked."),
    metric("kyc_job_seconds", Histogram(CALLS), &[KIND],
        "Duration of an attempt, from its start until its job is ready to be settled."),
    metric("kyc_job_wait_seconds", Histogram(WAITS), &[KIND],
        "Time from a job's acceptance to its first start, including the delay of jobs that were scheduled for later."),
    metric("kyc_upstream_call_seconds", Histogram(CALLS), &[KIND, ("answer", ANSWERS)],
        "Duration of a call to the provider, by status of the answer."),
    metric("kyc_upstream_unanswered_total", Counter, &[KIND],
        "Calls of this worker that had no usable answer and may have been billed."),
    metric("kyc_leases_lost_total", Counter, &[],
        "Leases that this worker has lost because it did not renew them in time."),
    metric("kyc_inbox_entries_total", Counter, &[("result", Of(&["accepted", "rejected"]))],
        "Entries of the inbox that this worker has taken."),
    metric("kyc_dead_letters_dropped_total", Counter, &[],
        "Dead jobs that this worker has dropped at the end of their retention."),
    metric("kyc_redis_troubles_total", Counter, &[("operation", OPERATIONS)],
        "Operations on Redis that failed and are retried, by operation."),
    metric("kyc_worker_leases", Gauge, &[],
        "Jobs that this worker holds."),
    metric("kyc_worker_draining", Gauge, &[],
        "1 after this worker was told to stop."),
    metric("kyc_queue_readable", Gauge, &[],
        "1 if the queue could be read for this page. Otherwise the metrics of the whole queue are missing."),
    metric("kyc_queue_jobs", Gauge, &[("kind", KindsAndAll), ("state", STATES)],
        "Jobs of the whole queue by state. Only ready jobs are counted by kind."),
    metric("kyc_queue_oldest_seconds", Gauge, &[("kind", KindsAndAll), ("state", Of(&["ready", "scheduled", "needs_decision", "dead", "inbox", "results"]))],
        "Age of the first job in the state: time since it was accepted (ready), was due (scheduled), was held (needs_decision), died (dead), arrived (inbox); how far the results stream reaches back (results)."),
    metric("kyc_queue_parked", Gauge, &[KIND_OR_ACCOUNT, ("reason", PAUSE_REASONS)],
        "1 while the kind or the account sends nothing for this reason."),
    metric("kyc_queue_parked_seconds", Gauge, &[KIND_OR_ACCOUNT],
        "Time until the kind or the account resumes. 0 if it is not parked, or is parked until a person resumes it."),
    metric("kyc_limit_rate", Gauge, &[SCOPE],
        "Calls per second that the rate allows, before its margin is subtracted. Missing if no rate is set."),
    metric("kyc_limit_daily", Gauge, &[SCOPE],
        "Calls per day that the daily quota allows. Missing if no quota is set."),
    metric("kyc_limit_in_flight", Gauge, &[SCOPE],
        "Jobs that workers may hold at the same time. Missing if no limit is set."),
    metric("kyc_calls_today", Gauge, &[SCOPE],
        "Calls of today, in the time zone of the daily quota, or of Lagos without a quota."),
    metric("kyc_calls_in_flight", Gauge, &[SCOPE],
        "Jobs that workers hold."),
    metric("kyc_queue_workers", Gauge, &[],
        "Workers that are alive."),
    metric("kyc_queue_stalls_total", Counter, &[KIND, ("end", Of(&["again", "held", "dead"]))],
        "Leases of the whole queue that expired because a worker died or hung: `again` if the job is retried, `held` if a person decides, `dead` after too many."),
    metric("kyc_dead_letters_expiring", Gauge, &[],
        "Dead jobs that will be dropped within 24 hours, or within a tenth of their retention if that is shorter."),
    metric("kyc_dead_letters_next_drop_seconds", Gauge, &[],
        "Time until the next dead job is dropped. Missing if there is none."),
];

/// Returns the metric with this name.
pub(super) fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
