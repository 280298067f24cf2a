//! Bytes of Redis that a job takes while it waits and once it is finished.

use std::time::Duration;

use crate::shared::{gauge::Gauge, jobs::Job, stage::Stage};

/// Enough that what does not grow with the jobs does not count.
const JOBS: usize = 50_000;

/// Bytes of one job.
pub(crate) struct Bytes {
    pub(crate) job: &'static str,
    pub(crate) waiting: f64,
    /// With its entry in the stream of results, and without a record in its outcome.
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
