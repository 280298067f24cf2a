//! Beside the worker: prolongs its leases, cuts off what lost one, and drops what is over its retention.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use kyc_domain::VerificationId;

use crate::{
    Error, measure, script,
    work::backend::{Worker, millis},
};

/// Finished jobs that one call drops.
const DROPPED_AT_ONCE: usize = 100;
/// A worker says at most this often that dead jobs will soon be dropped.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(3600);

/// Keeps the worker's leases alive until it is aborted.
pub(crate) async fn keep(worker: Arc<Worker>) {
    let mut trusted = Instant::now();
    loop {
        let asked = Instant::now();
        // Not longer than the leases last.
        let left = worker.config.lease.saturating_sub(trusted.elapsed());
        let renewed = tokio::time::timeout(left.min(worker.config.lease / 2), renew(&worker)).await;
        match renewed.unwrap_or(Err(Error::Slow)) {
            Ok(()) => {
                trusted = asked;
                worker.vitals.renewed(asked);
            }
            Err(error) => {
                measure::trouble("renew");
                worker.vitals.failed();
                tracing::warn!(%error, "Could not renew leases; trying again");
                // By now others may own these jobs: a worker that cannot know must not go on.
                if trusted.elapsed() >= worker.config.lease {
                    let jobs = worker.flights.lose_all();
                    measure::lost_leases(jobs);
                    tracing::warn!(
                        jobs,
                        "Lost the leases of all jobs: they were not renewed in time"
                    );
                    // What is leased from now on has a lease of its own.
                    trusted = Instant::now();
                }
            }
        }
        let left = worker.config.lease.saturating_sub(trusted.elapsed());
        tokio::time::sleep(left.min(worker.config.lease / 4)).await;
    }
}

/// Drops finished jobs until it is aborted. Apart from the leases: a great many jobs can be due at once, and
/// no lease may wait for them.
pub(crate) async fn tidy(worker: Arc<Worker>) {
    let mut warned = None;
    loop {
        if let Err(error) = tidied(&worker, &mut warned).await {
            measure::trouble("trim");
            tracing::warn!(%error, "Could not drop finished jobs; trying again");
        }
        tokio::time::sleep(worker.config.lease / 4).await;
    }
}

/// Says that the worker lives, and learns which of its jobs it no longer has.
async fn renew(worker: &Worker) -> Result<(), Error> {
    // In this order: what comes after is not taken for lost.
    let seen = worker.session.seen();
    let held = worker.flights.all();
    let config = worker.queue.config();
    let lost: Vec<String> = worker
        .queue
        .run(&script::RENEW, |call| {
            call.arg(worker.session.name())
                .arg(millis(worker.config.lease))
                .arg(seen)
                .arg(worker.config.max_stalls)
                .arg(millis(config.keep_dead))
                .arg(config.keep_results);
            for lease in &held {
                call.arg(lease.id.to_string()).arg(lease.batch);
            }
        })
        .await?;
    let lost: HashSet<VerificationId> = lost.iter().filter_map(|id| id.parse().ok()).collect();
    for lease in held.iter().filter(|lease| lost.contains(&lease.id)) {
        // A job that ended while the question was on its way is no loss.
        if worker.flights.lose(lease) {
            measure::lost_leases(1);
            tracing::warn!(
                verification.id = %lease.id,
                "Lost the lease of a job: it was called off, or another worker has it"
            );
        }
    }
    Ok(())
}

async fn tidied(worker: &Worker, warned: &mut Option<Instant>) -> Result<(), Error> {
    trim(worker).await?;
    if warned.is_none_or(|at| at.elapsed() >= BETWEEN_WARNINGS) && warn(worker).await? {
        *warned = Some(Instant::now());
    }
    Ok(())
}

/// Says that dead jobs will soon be dropped, while there is time to look at them.
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

/// Drops what is over its retention, in small steps with pauses between them.
async fn trim(worker: &Worker) -> Result<(), Error> {
    let config = worker.queue.config();
    for (set, keep) in [
        ("completed", config.keep_completed),
        ("dead", config.keep_dead),
        ("cancelled", config.keep_completed),
    ] {
        loop {
            let dropped: usize = worker
                .queue
                .run(&script::TRIM, |call| {
                    call.arg(set).arg(millis(keep)).arg(DROPPED_AT_ONCE);
                })
                .await?;
            if dropped > 0 && set == "dead" {
                measure::dropped_dead(dropped);
                tracing::warn!(dropped, "Dropped dead jobs whose retention is over");
            }
            if dropped < DROPPED_AT_ONCE {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}
