//! Deletes jobs whose retention is over, and before them their images and their key records.

use std::time::Duration;

use futures::{StreamExt, stream};
use kyc_domain::{VerificationId, streams};

use crate::{
    Error, measure,
    script::{self, arguments},
    units::millis,
    worker::state::Worker,
};

/// The number of jobs of one step.
const AT_ONCE: usize = 100;
/// The number of jobs whose images are deleted concurrently.
const DELETED_AT_ONCE: usize = 16;
/// The pause between steps, in which others have their turn.
const BETWEEN_STEPS: Duration = Duration::from_millis(5);
/// The work for which workers take turns.
const WORK: &str = "trim";

/// Id, kind and tenant of a job whose retention is over.
type Overdue = (String, String, String);

/// Deletes all jobs whose retention is over, if it is this worker's turn.
pub(crate) async fn trim(worker: &Worker) -> Result<(), Error> {
    if !worker.queue.take_turn(WORK, turn(worker)).await? {
        return Ok(());
    }
    let config = worker.queue.config();
    for (place, retention) in [
        ("completed", config.keep_completed),
        ("dead", config.keep_dead),
        ("cancelled", config.keep_completed),
    ] {
        trim_place(worker, place, millis(retention)).await?;
    }
    trim_results(worker).await
}

/// Deletes entries of all results streams that are older than completed jobs may be.
async fn trim_results(worker: &Worker) -> Result<(), Error> {
    let tenants = worker.queue.tenants().await?;
    let own = tenants.iter().map(|tenant| streams::results(tenant));
    for stream in ["results".to_owned()].into_iter().chain(own) {
        trim_stream(worker, &worker.queue.key(&stream)).await?;
    }
    for tenant in worker.queue.removed_tenants().await? {
        trim_stream(worker, &worker.queue.key(&streams::results(&tenant))).await?;
        let drop_results = |call: &mut redis::ScriptInvocation<'_>| {
            call.arg(&tenant);
        };
        let () = worker
            .queue
            .run(&script::DROP_RESULTS, drop_results)
            .await?;
    }
    Ok(())
}

async fn trim_stream(worker: &Worker, key: &str) -> Result<(), Error> {
    let queue = &worker.queue;
    let retention = i64::try_from(millis(queue.config().keep_completed)).unwrap_or(i64::MAX);
    let oldest = queue.now_ms().await?.saturating_sub(retention).max(0);
    let trim = async |exactly: &str| -> Result<usize, Error> {
        let mut trim = redis::cmd("XTRIM");
        trim.arg(key).arg("MINID");
        trim.arg(exactly).arg(oldest);
        Ok(trim.query_async(&mut queue.connection()).await?)
    };
    // Redis deletes whole nodes of the stream fast, and a bounded number at once. What is left is less than a node.
    while trim("~").await? > 0 {
        tokio::time::sleep(BETWEEN_STEPS).await;
    }
    trim("=").await?;
    Ok(())
}

fn turn(worker: &Worker) -> Duration {
    worker.config.lease / 4
}

/// Deletes the jobs of one place in bounded steps. A job whose images cannot be deleted is kept until the next turn.
async fn trim_place(worker: &Worker, place: &'static str, retention_ms: u64) -> Result<(), Error> {
    let mut kept = 0;
    loop {
        let overdue: Vec<Overdue> = worker
            .queue
            .run(&script::OVERDUE, |call| {
                let overdue = arguments::Overdue {
                    place,
                    retention_ms,
                    skip: kept,
                    at_most: AT_ONCE,
                };
                overdue.write(call);
            })
            .await?;
        let count = overdue.len();
        let without_images = delete_images(worker, overdue).await;
        if !without_images.is_empty() {
            delete_key_records(worker, &without_images).await?;
            delete(worker, place, retention_ms, &without_images).await?;
        }
        kept += count - without_images.len();
        if count < AT_ONCE || without_images.is_empty() {
            break;
        }
        tokio::time::sleep(BETWEEN_STEPS).await;
        worker.queue.set_turn(WORK, turn(worker)).await?;
    }
    if kept > 0 {
        tracing::warn!(
            jobs = kept,
            "Kept jobs whose retention is over, because their images could not be deleted; trying again"
        );
    }
    Ok(())
}

/// Deletes the images of jobs. Returns the jobs that have none any more.
async fn delete_images(worker: &Worker, jobs: Vec<Overdue>) -> Vec<String> {
    let deleting = jobs.into_iter().map(async |(id, kind, tenant)| {
        // The daily sweep finds the images of a job whose header cannot be read.
        let images_of = id.parse::<VerificationId>().ok();
        let Some(verification) = images_of.filter(|_| worker.has_images(&kind)) else {
            return Some(id);
        };
        match worker.images.delete(&tenant, verification).await {
            Ok(()) => Some(id),
            Err(error) => {
                tracing::debug!(verification.id = %id, error, "Could not delete the images of a job");
                None
            }
        }
    });
    let deleted = stream::iter(deleting).buffer_unordered(DELETED_AT_ONCE);
    let deleted: Vec<Option<String>> = deleted.collect().await;
    deleted.into_iter().flatten().collect()
}

/// Deletes the key records of jobs from their stores. On an error the jobs are kept until the next turn.
async fn delete_key_records(worker: &Worker, ids: &[String]) -> Result<(), Error> {
    let ids = ids.iter().filter_map(|id| id.parse().ok());
    let ids: Vec<VerificationId> = ids.collect();
    worker.queue.config().key_records.delete(&ids).await
}

async fn delete(
    worker: &Worker,
    place: &'static str,
    retention_ms: u64,
    ids: &[String],
) -> Result<(), Error> {
    let dropped: usize = worker
        .queue
        .run(&script::TRIM, |call| {
            let trim = arguments::Trim {
                place,
                retention_ms,
            };
            trim.write(call);
            call.arg(ids);
        })
        .await?;
    if dropped > 0 && place == "dead" {
        measure::dropped_dead(dropped);
        tracing::warn!(dropped, "Dropped dead jobs whose retention is over");
    }
    Ok(())
}
