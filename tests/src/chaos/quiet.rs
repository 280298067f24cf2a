//! The end of a run: waits until all jobs have ended, and finds keys that are left behind.

use std::time::Duration;

use kyc_queue::{Filter, Place, Queue};
use redis::aio::MultiplexedConnection;
use tokio::time::{Instant, sleep, timeout};

use super::jobs::{Accepted, Maker};

/// The interval at which the remaining jobs are reported.
const BETWEEN_WORDS: Duration = Duration::from_secs(5);

/// Keys that exist only for jobs that have not ended, without the queue's name. A name that ends in `:` is a prefix.
const OF_JOBS_UNDER_WAY: [&str; 12] = [
    "leader:",
    "followers:",
    "followers-of:",
    "failed",
    "ready:",
    "start-tags:",
    "leases:",
    "cached",
    "quarantined",
    "scheduled",
    "needs_decision",
    "deadlines",
];

/// A few jobs that the provider answers, as there would be after an outage. Without them a circuit stays open if every
/// remaining job fails.
pub(super) struct Traffic {
    maker: Maker,
    pub(super) accepted: Vec<Accepted>,
}

impl Traffic {
    pub(super) fn new(seed: u64, same: u32) -> Self {
        Self {
            maker: Maker::new(seed, 9, (9, "last"), same),
            accepted: Vec::new(),
        }
    }

    async fn go_on(&mut self, queue: &Queue) {
        for offer in self.maker.make_plain() {
            let enqueued = queue.enqueue(&offer.job.request()).await;
            let id = enqueued.expect("Redis answers: all faults are over").id;
            self.accepted
                .push(Accepted::of(&offer, Some(id.to_string())));
        }
    }
}

/// Waits until no job waits or runs and the inbox is empty. Returns whether that happened in time.
pub(super) async fn quiet(
    queue: &Queue,
    patience: Duration,
    traffic: &mut Traffic,
    say: &impl Fn(&str),
) -> bool {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let until = Instant::now() + patience;
    let mut told = Instant::now();
    while Instant::now() < until {
        let depths = timeout(Duration::from_secs(5), queue.depths(&kinds)).await;
        if let Ok(Ok(depths)) = depths {
            let ready: u64 = depths.ready.values().sum();
            let (following, scheduled) = (depths.coalesced, depths.scheduled);
            let (needs_decision, running, inbox) =
                (depths.needs_decision, depths.running, depths.inbox);
            if ready + following + scheduled + needs_decision + running + inbox == 0 {
                return true;
            }
            if told.elapsed() > BETWEEN_WORDS {
                told = Instant::now();
                traffic.go_on(queue).await;
                say(&format!(
                    "{ready} ready, {following} following, {scheduled} scheduled, {needs_decision} needing a decision, {running} running, {inbox} in the inbox{}",
                    parked(queue, &kinds).await
                ));
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Describes the parked kinds, each with its reason and its time.
async fn parked(queue: &Queue, kinds: &[&str]) -> String {
    let Ok(Ok(parked)) = timeout(Duration::from_secs(5), queue.parked(kinds)).await else {
        return String::new();
    };
    let words = parked.iter().map(|parked| {
        let until = parked.until_ms.map_or_else(
            || "until resumed".to_owned(),
            |until| format!("until {until}"),
        );
        format!("; {} parked as {} {until}", parked.kind, parked.reason)
    });
    words.collect()
}

/// Waits until all jobs that ran at the first look have been settled. Returns whether that happened in time.
pub(super) async fn settled(queue: &Queue, patience: Duration) -> bool {
    let running = Filter::all(Place::Running);
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let until = Instant::now() + patience;
    let mut first = None;
    while Instant::now() < until {
        if let Ok(Ok(now)) = timeout(Duration::from_secs(5), queue.select(&running, &kinds)).await {
            let first: &Vec<_> = first.get_or_insert_with(|| now.clone());
            if !now.iter().any(|id| first.contains(id)) {
                return true;
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Returns the keys in Redis that are not needed once all jobs have ended.
///
/// # Panics
/// When Redis does not answer.
pub(super) async fn left_behind(redis: &mut MultiplexedConnection) -> Vec<String> {
    let keys = redis::cmd("KEYS").arg("{kyc}:*").query_async(redis).await;
    let keys: Vec<String> = keys.expect("Redis answers");
    those_of_jobs_under_way(&keys)
}

fn those_of_jobs_under_way(keys: &[String]) -> Vec<String> {
    let names = keys.iter().filter_map(|key| key.strip_prefix("{kyc}:"));
    let left = names.filter(|name| {
        OF_JOBS_UNDER_WAY
            .iter()
            .any(|start| match start.ends_with(':') {
                true => name.starts_with(start),
                false => name == start,
            })
    });
    left.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_jobs_that_have_not_ended_are_left_behind() {
        let found = |name: &str| those_of_jobs_under_way(&[format!("{{kyc}}:{name}")]).len();
        for left in [
            "leader:4f1c",
            "followers:4f1c",
            "ready:bvn:low",
            "ready:nin:coalesced",
            "ready:nin:cached",
            "start-tags:bvn:low",
            "leases:worker-0-1",
            "cached",
            "needs_decision",
        ] {
            assert_eq!(found(left), 1, "{left}");
        }
        for kept in [
            "answer:4f1c",
            "job:01ABC",
            "limiter:bvn",
            "completed",
            "results",
            "inbox",
            "quarantine-lease",
        ] {
            assert_eq!(found(kept), 0, "{kept}");
        }
    }
}
