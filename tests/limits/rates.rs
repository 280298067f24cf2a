//! Ten workers with a limit: no second has more calls than it allows, and almost all allowed calls are made.

use std::time::Duration;

use kyc_queue::Rate;
use kyc_sandbox::{Config, arrivals::busiest};
use kyc_tests::World;

use crate::{
    alone,
    fleet::{Fleet, Measured, SECOND, enqueue, jobs, measure, per_second},
};

const WORKERS: usize = 10;

/// Returns how long a limit is measured: `KYC_LIMITS_SECONDS`, or long enough for a test.
fn span(enough: u64) -> Duration {
    #[expect(
        clippy::disallowed_methods,
        reason = "an environment variable sets the length of the test"
    )]
    let told = std::env::var("KYC_LIMITS_SECONDS").ok();
    Duration::from_secs(told.and_then(|told| told.parse().ok()).unwrap_or(enough))
}

/// Makes a world with workers, limits and enough jobs.
async fn prepare(limits: &[(&str, u32)], margin: Duration, span: Duration) -> (World, Fleet) {
    let world = World::with(Config {
        latency: Duration::from_millis(20),
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    let fleet = Fleet::start(&world, WORKERS).await;
    for (kind, limit) in limits {
        let mut limits = per_second(*limit);
        limits.rate = limits.rate.map(|rate| Rate { margin, ..rate });
        queue.set_limits(kind, &limits).await.unwrap();
        let enough = u64::from(*limit) * (span.as_secs() + 5);
        enqueue(&queue, &jobs(kind, usize::try_from(enough).unwrap())).await;
    }
    (world, fleet)
}

#[expect(clippy::print_stdout, reason = "a longer run shows its figures")]
fn told(limit: u32, span: Duration, measured: &Measured) {
    let seconds = span.as_secs();
    println!("limit {limit}/s, {WORKERS} workers, {seconds} s: {measured:?}");
}

/// The provider counts what arrives. Calls arrive further apart than the margin allows if this machine stops a process for
/// that long, so a limit has three tries. A limiter that allows too much fails all of them.
#[tokio::test(flavor = "multi_thread")]
async fn ten_workers_keep_a_limit_and_use_it_up() {
    let _alone = alone().await;
    let span = span(15);
    for limit in [5, 50, 300] {
        let mut tries = Vec::new();
        while tries.len() < 3 {
            let (world, _fleet) = prepare(&[("bvn", limit)], Rate::MARGIN, span).await;
            let measured = measure(&world, "bvn", limit, span, async {}).await;
            told(limit, span, &measured);
            let kept = measured.busiest <= limit as usize && measured.used() >= 0.97;
            tries.push(measured);
            if kept {
                break;
            }
        }
        let last = &tries[tries.len() - 1];
        assert!(last.busiest <= limit as usize, "{tries:?}");
        assert!(last.used() >= 0.97, "{tries:?}");
    }
}

/// Three kinds at once, each with its limit. A worker that is killed or frozen loses the slots that it has.
///
/// A process that starts keeps others from the processor for longer than the default margin allows one call to be late
/// against another, so the margin is wider here. Of what it leaves, nine tenths are used: a slot that its worker reaches too
/// late is given back, and not every one can be given to another in time.
#[tokio::test(flavor = "multi_thread")]
async fn ten_workers_keep_and_use_their_limits_while_some_are_killed_and_frozen() {
    const LOST_SLOTS: f64 = 3.0;
    const MARGIN: Duration = Duration::from_millis(80);
    let _alone = alone().await;
    let span = span(40);
    let limits = [("nin_phone", 5), ("nin", 50), ("bvn", 300)];
    let (world, mut fleet) = prepare(&limits, MARGIN, span).await;
    let mut thawed = Duration::ZERO;
    let trouble = async {
        tokio::time::sleep(span / 5).await;
        fleet.kill(&world, 3).await;
        tokio::time::sleep(span / 5).await;
        thawed = fleet.freeze(&world, 5, SECOND).await;
        tokio::time::sleep(span / 5).await;
        fleet.kill(&world, 7).await;
    };
    let [(slow, five), (middle, fifty), (fast, many)] = limits;
    let measured = tokio::join!(
        measure(&world, slow, five, span, trouble),
        measure(&world, middle, fifty, span, async {}),
        measure(&world, fast, many, span, async {}),
    );
    for ((kind, limit), measured) in limits.into_iter().zip(<[Measured; 3]>::from(measured)) {
        told(limit, span, &measured);
        let (before, after) = around(&world.sandbox().arrivals(kind), thawed);
        assert!(before.max(after) <= limit as usize, "{before} {after}");
        // A worker that was frozen between its last look at the clock and the call makes that call when it goes on.
        assert!(measured.busiest <= limit as usize + 1, "{measured:?}");
        let left = SECOND.as_secs_f64() / (SECOND + MARGIN).as_secs_f64();
        let allowed = f64::from(limit) * span.as_secs_f64();
        let used = measured.used() + LOST_SLOTS / allowed;
        assert!(used >= 0.9 * left, "{measured:?}");
    }
}

/// Returns the most calls in any second before a time, and in any that begins a second after it or later.
fn around(arrivals: &[Duration], time: Duration) -> (usize, usize) {
    let (before, after): (Vec<_>, Vec<_>) = arrivals.iter().partition(|at| **at < time);
    let after: Vec<Duration> = after
        .into_iter()
        .filter(|at| *at >= time + SECOND)
        .collect();
    (busiest(&before, SECOND), busiest(&after, SECOND))
}
