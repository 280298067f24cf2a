//! Many workers in one world, and the times of their calls at the provider.

use std::time::Duration;

use kyc_domain::Request;
use kyc_queue::{Limits, Queue, Rate};
use kyc_sandbox::arrivals::{busiest, within};
use kyc_tests::{Job, Program, World, eventually};

/// The sliding window of the provider's counts.
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Returns jobs of a kind, each about another person with a record.
pub(crate) fn jobs(kind: &str, count: usize) -> Vec<Request> {
    let number = |nth: usize| match kind {
        "nin_phone" => format!("0803{:04}000", nth % 10_000),
        _ => format!("222{nth:05}000"),
    };
    (0..count)
        .map(|nth| Job::new(kind, &number(nth)).request())
        .collect()
}

/// Enqueues all jobs.
pub(crate) async fn enqueue(queue: &Queue, jobs: &[Request]) {
    for accepted in queue.enqueue_all(jobs).await {
        accepted.unwrap();
    }
}

/// Returns a rate of `calls` in a second, without bursts.
pub(crate) fn per_second(calls: u32) -> Limits {
    let rate: Rate = format!("{calls}/s").parse().unwrap();
    Limits {
        rate: Some(rate),
        ..Limits::default()
    }
}

/// The workers of a world.
pub(crate) struct Fleet {
    pub(crate) workers: Vec<Program>,
}

impl Fleet {
    pub(crate) async fn start(world: &World, size: usize) -> Self {
        let mut workers = Vec::with_capacity(size);
        for nth in 0..size {
            workers.push(Self::one(world, nth).await);
        }
        Self { workers }
    }

    async fn one(world: &World, nth: usize) -> Program {
        let settings = [("concurrency", "32"), ("lease", "3s")];
        world.worker(&format!("pod-{nth}"), &settings).await
    }

    /// Kills a worker and restarts it.
    pub(crate) async fn kill(&mut self, world: &World, nth: usize) {
        self.workers[nth].kill9().await;
        self.workers[nth] = Self::one(world, nth).await;
    }

    /// Freezes a worker for a while. Returns the sandbox's time at which it goes on.
    pub(crate) async fn freeze(&self, world: &World, nth: usize, time: Duration) -> Duration {
        self.workers[nth].signal("STOP").await;
        tokio::time::sleep(time).await;
        let thawed = world.sandbox().elapsed();
        self.workers[nth].signal("CONT").await;
        thawed
    }
}

/// The calls of a kind over a span of time.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The most calls in any second.
    pub(crate) busiest: usize,
    /// The calls within the span.
    pub(crate) calls: usize,
    /// The calls that the limit allows within the span.
    pub(crate) allowed: f64,
}

impl Measured {
    /// Returns the used part of the limit.
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    pub(crate) fn used(&self) -> f64 {
        self.calls as f64 / self.allowed
    }
}

/// Waits for the first call of a kind, then measures for `span`, from one second after that call. Runs `meanwhile` at the
/// same time.
pub(crate) async fn measure(
    world: &World,
    kind: &str,
    limit: u32,
    span: Duration,
    meanwhile: impl Future<Output = ()>,
) -> Measured {
    let first = eventually("the first call", async || {
        world.sandbox().arrivals(kind).first().copied()
    })
    .await;
    let from = first + SECOND;
    tokio::join!(meanwhile, async {
        while world.sandbox().elapsed() < from + span {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let arrivals = world.sandbox().arrivals(kind);
    Measured {
        busiest: busiest(&arrivals, SECOND),
        calls: within(&arrivals, from, from + span),
        allowed: f64::from(limit) * span.as_secs_f64(),
    }
}
