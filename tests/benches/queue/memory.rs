//! The memory that a job takes in Redis while it waits, and after it has finished.

use std::time::Duration;

use crate::shared::{gauge::Gauge, jobs::Job, stage::Stage};

/// Enough jobs to make constant costs negligible.
const JOBS: usize = 50_000;

/// The bytes of one job.
pub(crate) struct Bytes {
    pub(crate) job: &'static str,
    pub(crate) waiting: f64,
    /// Includes its entry in the results stream. Its outcome has no record.
    pub(crate) finished: f64,
}

pub(crate) async fn measure(concurrency: usize, job: Job) -> Bytes {
    let mut stage = Stage::set(concurrency, true).await;
    let empty = used(&stage).await;
    stage.fill(JOBS, job).await;
    let full = used(&stage).await;
    let fleet = stage.fleet(1);
    stage.until_completed(JOBS, Duration::from_millis(20)).await;
    fleet.stop();
    let finished = used(&stage).await;
    let bytes = Bytes {
        job: match job {
            Job::Plain => "plain",
            Job::Referenced => "with reference and key",
            Job::Spread(_) => "of any kind and tenant",
        },
        waiting: (full - empty) / JOBS as f64,
        finished: (finished - empty) / JOBS as f64,
    };
    println!(
        "  a job {}: {:.0} bytes waiting, {:.0} finished",
        bytes.job, bytes.waiting, bytes.finished
    );
    bytes
}

async fn used(stage: &Stage) -> f64 {
    stage.settled().await;
    Gauge::read(&stage.queue).await.memory()
}
