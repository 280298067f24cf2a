//! The cost for Redis of accepting a job, and of storing it while it waits.

use crate::shared::{drain::tell_filled, gauge::Gauge, jobs::Job, stage::Stage};

/// The cost of a job, for a queue with this number of tenants.
pub(crate) struct Enqueued {
    pub(crate) tenants: usize,
    /// Redis time per job in microseconds, within and outside scripts.
    pub(crate) micros: f64,
    pub(crate) bytes: f64,
}

pub(crate) async fn measure(concurrency: usize, jobs: usize, tenants: usize) -> Enqueued {
    let mut stage = Stage::set(concurrency, true).await;
    stage.hold_rewrites(true).await;
    let before = Gauge::read(&stage.queue).await.memory();
    let filled = stage.fill(jobs, Job::Spread(tenants)).await;
    println!("  {tenants} tenant(s):");
    tell_filled(&filled);
    let after = Gauge::read(&stage.queue).await.memory();
    Enqueued {
        tenants,
        micros: filled.redis_micros / jobs as f64,
        bytes: (after - before) / jobs as f64,
    }
}
