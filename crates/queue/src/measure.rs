//! Metrics of this crate, recorded through the `metrics` facade. Labels hold kinds and codes only,
//! never ids or personal data.

use std::time::Duration;

use kyc_domain::{Class, VerificationId};
use metrics::{counter, histogram};

/// All metrics that this crate records. Exporters compare their tables with this list.
pub const MEASURES: &[&str] = &[
    COMPLETED, SAVED, FAILED, RETRIED, HELD, DEAD, PARKED, MISSED, JOB, WAIT, LOST, INBOX, DROPPED,
    TROUBLES,
];

const COMPLETED: &str = "kyc_jobs_completed_total";
const SAVED: &str = "kyc_calls_saved_total";
const FAILED: &str = "kyc_attempts_failed_total";
const RETRIED: &str = "kyc_jobs_retried_total";
const HELD: &str = "kyc_jobs_held_total";
const DEAD: &str = "kyc_jobs_dead_total";
const PARKED: &str = "kyc_kinds_parked_total";
const MISSED: &str = "kyc_slots_missed_total";
const JOB: &str = "kyc_job_seconds";
const WAIT: &str = "kyc_job_wait_seconds";
const LOST: &str = "kyc_leases_lost_total";
const INBOX: &str = "kyc_inbox_entries_total";
const DROPPED: &str = "kyc_dead_letters_dropped_total";
const TROUBLES: &str = "kyc_redis_troubles_total";

/// Records that a job starts for the first time. Its id contains the time of acceptance, by the
/// clock of the process that accepted it.
pub(crate) fn first_start(kind: &str, id: VerificationId) {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
    let waited = Duration::from_millis(now.saturating_sub(id.made_at_ms()));
    histogram!(WAIT, "kind" => kind.to_owned()).record(waited);
}

/// Records the duration of an attempt that ended, with any result.
pub(crate) fn took(kind: &str, took: Duration) {
    histogram!(JOB, "kind" => kind.to_owned()).record(took);
}

pub(crate) fn completed(kind: &str, verdict: &'static str) {
    counter!(COMPLETED, "kind" => kind.to_owned(), "verdict" => verdict).increment(1);
}

/// Counts a job that was answered without a call.
pub(crate) fn saved(kind: &str) {
    counter!(SAVED, "kind" => kind.to_owned()).increment(1);
}

pub(crate) fn failed(kind: &str, class: Class) {
    counter!(FAILED, "kind" => kind.to_owned(), "class" => class.as_str()).increment(1);
}

pub(crate) fn retried(kind: &str) {
    counter!(RETRIED, "kind" => kind.to_owned()).increment(1);
}

/// Counts a job that is held for a decision because its call may have been billed.
pub(crate) fn held(kind: &str) {
    counter!(HELD, "kind" => kind.to_owned()).increment(1);
}

pub(crate) fn dead(kind: &str, code: &str) {
    counter!(DEAD, "kind" => kind.to_owned(), "code" => code.to_owned()).increment(1);
}

pub(crate) fn parked(kind: &str, reason: &str) {
    counter!(PARKED, "kind" => kind.to_owned(), "reason" => reason.to_owned()).increment(1);
}

/// Counts a slot that was given back unused: `slot_late` or `slot_closed`.
pub(crate) fn slot_missed(kind: &str, why: &str) {
    counter!(MISSED, "kind" => kind.to_owned(), "why" => why.to_owned()).increment(1);
}

pub(crate) fn lost_leases(leases: usize) {
    counter!(LOST).increment(leases as u64);
}

/// Counts an entry that left the inbox: `accepted` or `rejected`.
pub(crate) fn inbox(result: &'static str) {
    counter!(INBOX, "result" => result).increment(1);
}

pub(crate) fn dropped_dead(jobs: usize) {
    counter!(DROPPED).increment(jobs as u64);
}

/// Counts an operation on Redis that failed and is tried again.
pub(crate) fn trouble(operation: &'static str) {
    counter!(TROUBLES, "operation" => operation).increment(1);
}
