//! Background tasks of a worker: renewing its leases, aborting jobs whose lease is lost, and
//! deleting what is past its retention.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use kyc_domain::VerificationId;

use crate::{
    Error, Queue, measure,
    script::{self, arguments},
    units::millis,
    worker::{about, expire::expire, log, state::Worker, trim::trim},
};

/// Finished jobs that one call of a script deletes.
const DROPPED_AT_ONCE: usize = 100;
/// The memory that rejected jobs of the inbox may use in Redis.
const MOST_REJECTED_BYTES: usize = 64 << 20;
/// The pause between such calls, in which Redis serves others.
const BETWEEN_STEPS: Duration = Duration::from_millis(5);
/// The minimum time between two warnings that dead jobs will soon be deleted.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(3600);

/// The delay before a failed renewal is tried again; a sixteenth of a lease if that is shorter.
const AGAIN: Duration = Duration::from_millis(500);

/// Renews the worker's leases until it is aborted. While it cannot, no job is aborted: answers that
/// were paid for still count if no other worker took the jobs meanwhile. But no further call is
/// sent, see [`crate::Slot::spend`].
pub(crate) async fn run(worker: Arc<Worker>) {
    let lease = worker.config.lease;
    loop {
        let asked = Instant::now();
        let renewed = tokio::time::timeout(lease / 2, renew(&worker)).await;
        let pause = match renewed.unwrap_or(Err(Error::Slow)) {
            Ok(()) => {
                worker.sending.lease_validity.renewed(asked);
                worker.heartbeats.renewed(asked);
                lease / 4
            }
            Err(error) => {
                measure::trouble("renew");
                worker.heartbeats.failed();
                tracing::warn!(%error, "Could not renew leases; trying again");
                AGAIN.min(lease / 16)
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Deletes finished jobs until it is aborted. This is a separate task because many jobs can be due
/// at once, and no renewal of leases may wait for them.
pub(crate) async fn tidy(worker: Arc<Worker>) {
    let mut warned = None;
    let started_at = jiff::Timestamp::now();
    loop {
        if let Err(error) = about::tell(&worker, started_at).await {
            tracing::warn!(%error, "Could not tell the queue about this worker; trying again");
        }
        if let Err(error) = tidied(&worker, &mut warned).await {
            measure::trouble("trim");
            tracing::warn!(%error, "Could not drop finished jobs; trying again");
        }
        tokio::time::sleep(worker.config.lease / 4).await;
    }
}

/// Renews all leases, and aborts the jobs whose lease is lost.
async fn renew(worker: &Worker) -> Result<(), Error> {
    // The order matters: a batch that arrives in between must not be taken for lost.
    let seen = worker.session.seen();
    let held = worker.in_flight.all();
    let config = worker.queue.config();
    let (lost, asked): (Vec<String>, Vec<(String, String)>) = worker
        .queue
        .run(&script::RENEW, |call| {
            let renew = arguments::Renew {
                session: worker.session.name(),
                lease_ms: millis(worker.config.lease),
                seen,
                max_stalls: worker.config.max_stalls,
                hold_ambiguous: worker.config.holds_ambiguous(),
                retention_ms: millis(config.keep_dead),
                keep_results: config.keep_results,
            };
            renew.write(call);
            for lease in &held {
                let id = lease.id.to_string();
                let batch = lease.batch;
                arguments::KnownLease { id: &id, batch }.write(call);
            }
        })
        .await?;
    log::stalled(&asked);
    let lost: HashSet<VerificationId> = lost.iter().filter_map(|id| id.parse().ok()).collect();
    for lease in held.iter().filter(|lease| lost.contains(&lease.id)) {
        // A job may have ended while the request was under way; its lease is not lost.
        if worker.in_flight.lose(lease) {
            measure::lost_leases(1);
            tracing::warn!(
                verification.id = %lease.id,
                "Lost the lease of a job: it was cancelled, or another worker has it"
            );
        }
    }
    Ok(())
}

async fn tidied(worker: &Worker, warned: &mut Option<Instant>) -> Result<(), Error> {
    forget_answers(worker).await?;
    forget_rejected(worker).await?;
    expire(worker).await?;
    trim(worker).await?;
    if warned.is_none_or(|at| at.elapsed() >= BETWEEN_WARNINGS) && warn(worker).await? {
        *warned = Some(Instant::now());
    }
    Ok(())
}

/// Deletes retained answers whose retention is over. They contain personal data, though sealed.
async fn forget_answers(worker: &Worker) -> Result<(), Error> {
    loop {
        let forgotten: usize = worker
            .queue
            .run(&script::FORGET, |call| {
                let forget = arguments::Forget {
                    retention_ms: millis(worker.queue.config().keep_unreadable),
                    at_most: DROPPED_AT_ONCE,
                };
                forget.write(call);
            })
            .await?;
        if forgotten < DROPPED_AT_ONCE {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_STEPS).await;
    }
}

/// Deletes rejected entries of the inbox after the retention of dead jobs. They contain personal
/// data, though sealed.
async fn forget_rejected(worker: &Worker) -> Result<(), Error> {
    let queue = &worker.queue;
    let keep = i64::try_from(queue.config().keep_dead.as_millis()).unwrap_or(i64::MAX);
    let oldest = queue.now_ms().await?.saturating_sub(keep).max(0);
    let mut trim = redis::cmd("XTRIM");
    let key = queue.key("inbox:rejected");
    trim.arg(&key).arg("MINID").arg("~").arg(oldest);
    trim.exec_async(&mut queue.connection()).await?;
    bound_rejected(queue, &key).await
}

/// Deletes the oldest rejected entries if they use too much memory, so that producers cannot fill
/// Redis with them.
async fn bound_rejected(queue: &Queue, key: &str) -> Result<(), Error> {
    let mut redis = queue.connection();
    let usage = redis::cmd("MEMORY")
        .arg("USAGE")
        .arg(key)
        .query_async(&mut redis)
        .await;
    let used: usize = match usage {
        Ok(used) => Option::unwrap_or_default(used),
        // Without the permission for `MEMORY`, the entries are bounded by number only.
        Err(error) if redis::RedisError::code(&error) == Some("NOPERM") => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if used <= MOST_REJECTED_BYTES {
        return Ok(());
    }
    let length: usize = redis::cmd("XLEN").arg(key).query_async(&mut redis).await?;
    let kept = length.saturating_mul(MOST_REJECTED_BYTES / 2) / used;
    let mut trim = redis::cmd("XTRIM");
    trim.arg(key).arg("MAXLEN").arg(kept);
    let dropped: usize = trim.query_async(&mut redis).await?;
    tracing::warn!(
        dropped,
        "Dropped rejected jobs of the inbox: they used too much memory in Redis"
    );
    Ok(())
}

/// Warns that dead jobs will soon be deleted, while there is time to look at them. Returns whether
/// it warned.
async fn warn(worker: &Worker) -> Result<bool, Error> {
    let expiring = worker.queue.expiring().await?;
    let Some(first) = expiring.first_in.filter(|_| expiring.jobs > 0) else {
        return Ok(false);
    };
    tracing::warn!(
        jobs = expiring.jobs,
        first_in_s = first.as_secs(),
        "Dead jobs will soon be dropped: their retention is nearly over"
    );
    Ok(true)
}
