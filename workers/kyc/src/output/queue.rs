//! The queue in tables.

use jiff::Timestamp;
use kyc_queue::{ACCOUNT, Depths, Parked, Totals, WorkerView};

use super::{limits, table::table};

/// Everything that `kyc queue stats` shows.
pub(crate) struct QueueStats {
    pub(crate) depths: Depths,
    pub(crate) parked: Vec<Parked>,
    pub(crate) workers: Vec<WorkerView>,
    /// The length of time that the totals cover.
    pub(crate) minutes: u32,
    pub(crate) totals: Totals,
}

/// Formats the statistics of the queue as tables.
pub(crate) fn stats(stats: &QueueStats) -> String {
    let mut text = format!(
        "Kinds:\n{}\nJobs by place:\n{}",
        kinds(stats),
        places(&stats.depths)
    );
    if !stats.workers.is_empty() {
        text += &format!("\nWorkers:\n{}", workers(&stats.workers));
    }
    let minutes = stats.minutes;
    if stats.totals.is_empty() {
        return format!("{text}\nNothing happened within {minutes} min");
    }
    format!("{text}\nWithin {minutes} min:\n{}", totals(&stats.totals))
}

fn kinds(stats: &QueueStats) -> String {
    let mut kinds = table(&["kind", "ready", "parked"]);
    let parked = |scope: &str| {
        let parked = stats.parked.iter().find(|parked| parked.kind == scope)?;
        let until = parked.until_ms.map(Timestamp::from_millisecond);
        let until = until.and_then(Result::ok);
        Some(limits::parked(scope, &parked.reason, until))
    };
    for (kind, ready) in &stats.depths.ready {
        let parked = parked(kind).unwrap_or_default();
        kinds.add_row([kind.clone(), ready.to_string(), parked]);
    }
    if let Some(parked) = parked(ACCOUNT) {
        kinds.add_row([ACCOUNT.to_owned(), String::new(), parked]);
    }
    kinds.to_string()
}

fn places(depths: &Depths) -> String {
    let counts = [
        ("coalesced", depths.coalesced),
        ("scheduled", depths.scheduled),
        ("needs_decision", depths.needs_decision),
        ("running", depths.running),
        ("completed", depths.completed),
        ("dead", depths.dead),
        ("cancelled", depths.cancelled),
        ("inbox", depths.inbox),
        ("rejected", depths.rejected),
        ("workers", depths.workers),
    ];
    let mut places = table(&counts.map(|(name, _)| name));
    places.add_row(counts.map(|(_, count)| count.to_string()));
    places.to_string()
}

fn workers(all: &[WorkerView]) -> String {
    let mut workers = table(&["worker", "jobs", "leased until", "version"]);
    for worker in all {
        let until = format!("{:.0}", worker.alive_until);
        let until = if worker.lost {
            format!("{until}: lost")
        } else {
            until
        };
        let version = worker.about.as_ref().map(|about| about.version.clone());
        workers.add_row([
            worker.name.clone(),
            worker.held.to_string(),
            until,
            version.unwrap_or_default(),
        ]);
    }
    workers.to_string()
}

fn totals(sums: &Totals) -> String {
    let mut totals = table(&[
        "kind",
        "accepted",
        "completed",
        "failed",
        "dead",
        "cancelled",
        "stalled",
        "held",
        "calls",
        "saved",
    ]);
    for (kind, sum) in &sums.0 {
        let parts = |parts: &std::collections::BTreeMap<String, u64>| {
            let parts = parts.iter().map(|(name, count)| format!("{count} {name}"));
            parts.collect::<Vec<_>>().join("\n")
        };
        totals.add_row([
            kind.clone(),
            sum.accepted.to_string(),
            parts(&sum.completed),
            parts(&sum.failed),
            sum.dead.to_string(),
            sum.cancelled.to_string(),
            sum.stalled.to_string(),
            sum.held.to_string(),
            sum.calls.to_string(),
            sum.saved.to_string(),
        ]);
    }
    totals.to_string()
}
