//! Ten workers with a limit: no second has more calls than it allows, and almost all allowed calls are made.

use std::time::Duration;

use kyc_sandbox::Config;
use kyc_tests::World;

use crate::{
    alone,
    fleet::{Fleet, Measured, enqueue, jobs, measure, per_second},
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
async fn prepare(limits: &[(&str, u32)], span: Duration) -> (World, Fleet) {
    let world = World::with(Config {
        latency: Duration::from_millis(20),
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    let fleet = Fleet::start(&world, WORKERS).await;
    for (kind, limit) in limits {
        queue.set_limits(kind, &per_second(*limit)).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn ten_workers_keep_a_limit_and_use_it_up() {
    let _alone = alone().await;
    let span = span(15);
    for limit in [5, 50, 300] {
        let (world, _fleet) = prepare(&[("bvn", limit)], span).await;
        let measured = measure(&world, "bvn", limit, span, async {}).await;
        told(limit, span, &measured);
        assert!(measured.busiest <= limit as usize, "{measured:?}");
        assert!(measured.used() >= 0.97, "{measured:?}");
    }
}

/// Three kinds at once, each with its limit. A worker that is killed or frozen loses the slots that it has.
#[tokio::test(flavor = "multi_thread")]
async fn ten_workers_keep_and_use_their_limits_while_some_are_killed_and_frozen() {
    const LOST_SLOTS: f64 = 3.0;
    let _alone = alone().await;
    let span = span(40);
    let limits = [("nin_phone", 5), ("nin", 50), ("bvn", 300)];
    let (world, mut fleet) = prepare(&limits, span).await;
    let trouble = async {
        tokio::time::sleep(span / 5).await;
        fleet.kill(&world, 3).await;
        tokio::time::sleep(span / 5).await;
        fleet.freeze(5, Duration::from_secs(1)).await;
        tokio::time::sleep(span / 5).await;
        fleet.kill(&world, 7).await;
    };
    let [(slow, five), (middle, fifty), (fast, many)] = limits;
    let (slow, middle, fast) = tokio::join!(
        measure(&world, slow, five, span, trouble),
        measure(&world, middle, fifty, span, async {}),
        measure(&world, fast, many, span, async {}),
    );
    for (limit, measured) in [(five, slow), (fifty, middle), (many, fast)] {
        told(limit, span, &measured);
        assert!(measured.busiest <= limit as usize, "{measured:?}");
        let allowed = f64::from(limit) * span.as_secs_f64();
        let used = measured.used() + LOST_SLOTS / allowed;
        assert!(used >= 0.97, "{measured:?}");
    }
}
