//! Ends jobs that have waited too long. Without this a job of a kind that nobody resumes, or that is held for a decision
//! which nobody makes, would stay forever with the data of a person.

use std::time::Duration;

use kyc_domain::VerificationId;

use crate::{
    Error,
    script::{self, arguments},
    units::millis,
    worker::state::Worker,
};

/// How often the fleet searches for such jobs, or as often as a job may wait if that is shorter.
const EVERY: Duration = Duration::from_secs(3600);
/// The number of keys that one step looks at.
const AT_ONCE: usize = 500;
/// The number of jobs of one script, which searches the leases of all workers for each.
const ENDED_AT_ONCE: usize = 20;
/// The pause between steps, in which others have their turn.
const BETWEEN_STEPS: Duration = Duration::from_millis(5);
/// The work for which workers take turns.
const WORK: &str = "expire";

/// Ends the jobs that were accepted longer ago than jobs may wait, if it is this worker's turn.
pub(crate) async fn expire(worker: &Worker) -> Result<(), Error> {
    let queue = &worker.queue;
    let longest = queue.config().keep_waiting;
    if !queue.take_turn(WORK, EVERY.min(longest)).await? {
        return Ok(());
    }
    let ended = walk(worker, longest).await;
    if ended.is_err() {
        queue.set_turn(WORK, worker.config.lease).await?;
    }
    match ended? {
        0 => {}
        jobs => tracing::warn!(
            jobs,
            "Ended jobs that waited longer than keep_waiting: they are dead letters"
        ),
    }
    Ok(())
}

/// Walks through the jobs in bounded steps. The id of a job tells when it was generated, so that young jobs are not read.
async fn walk(worker: &Worker, longest: Duration) -> Result<usize, Error> {
    let queue = &worker.queue;
    let prefix = queue.key("job:");
    let accepted_before = queue
        .now_ms()
        .await?
        .saturating_sub_unsigned(millis(longest));
    let is_old = |id: &VerificationId| {
        i64::try_from(id.made_at_ms()).is_ok_and(|made_at| made_at <= accepted_before)
    };
    let (mut cursor, mut ended) = (0_u64, 0);
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{prefix}*"));
        scan.arg("COUNT").arg(AT_ONCE);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut queue.connection()).await?;
        let ids = keys.iter().filter_map(|key| key.strip_prefix(&prefix));
        let old: Vec<VerificationId> = ids
            .filter_map(|id| id.parse().ok())
            .filter(is_old)
            .collect();
        for some in old.chunks(ENDED_AT_ONCE) {
            ended += end(worker, longest, some).await?;
        }
        if next == 0 {
            return Ok(ended);
        }
        cursor = next;
        tokio::time::sleep(BETWEEN_STEPS).await;
    }
}

async fn end(worker: &Worker, longest: Duration, ids: &[VerificationId]) -> Result<usize, Error> {
    let config = worker.queue.config();
    worker
        .queue
        .run(&script::EXPIRE, |call| {
            let expire = arguments::Expire {
                wait_ms: millis(longest),
                retention_ms: millis(config.keep_dead),
                keep_results: config.keep_results,
            };
            expire.write(call);
            for id in ids {
                call.arg(id.to_string());
            }
        })
        .await
}
