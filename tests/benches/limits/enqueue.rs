//! What it costs Redis to accept a job, and to keep it while it waits.

use crate::shared::{drain::tell_filled, gauge::Gauge, jobs::Job, stage::Stage};

/// Of a line with so many tenants.
pub(crate) struct Enqueued {
    pub(crate) tenants: usize,
    /// Microseconds of Redis for a job, in scripts and beside them.
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
