//! Limits of kinds together with a limit of the account, and kinds that do not delay each other.

use std::time::Duration;

use kyc_queue::{ACCOUNT, Limits};
use kyc_sandbox::{Config, arrivals::busiest};
use kyc_tests::World;

use crate::{
    alone,
    fleet::{Fleet, SECOND, enqueue, jobs, measure, per_second},
};

const SPAN: Duration = Duration::from_secs(15);

async fn world() -> World {
    World::with(Config {
        latency: Duration::from_millis(20),
        ..Config::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_two_kinds_and_of_the_account_hold_together() {
    const OF_A_KIND: u32 = 40;
    const OF_THE_ACCOUNT: u32 = 50;
    let _alone = alone().await;
    let world = world().await;
    let queue = world.queue().await;
    queue
        .set_limits(ACCOUNT, &per_second(OF_THE_ACCOUNT))
        .await
        .unwrap();
    for kind in ["bvn", "nin"] {
        queue
            .set_limits(kind, &per_second(OF_A_KIND))
            .await
            .unwrap();
    }
    let _fleet = Fleet::start(&world, 4).await;
    for kind in ["bvn", "nin"] {
        enqueue(&queue, &jobs(kind, 800)).await;
    }
    let (bvn, nin) = tokio::join!(
        measure(&world, "bvn", OF_A_KIND, SPAN, async {}),
        measure(&world, "nin", OF_A_KIND, SPAN, async {}),
    );
    let mut all = world.sandbox().arrivals("bvn");
    all.extend(world.sandbox().arrivals("nin"));
    all.sort_unstable();
    let most = busiest(&all, SECOND);
    assert!(most <= OF_THE_ACCOUNT as usize, "{most} {bvn:?} {nin:?}");
    assert!(bvn.busiest <= OF_A_KIND as usize && nin.busiest <= OF_A_KIND as usize);
    let allowed = f64::from(OF_THE_ACCOUNT) * SPAN.as_secs_f64();
    let used = (bvn.calls + nin.calls) as f64 / allowed;
    assert!(used >= 0.95, "{used}: {bvn:?} {nin:?}");
    // Neither kind takes the whole limit.
    assert!(
        bvn.calls.min(nin.calls) as f64 >= 0.3 * allowed,
        "{bvn:?} {nin:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_kind_with_a_hundred_thousand_jobs_slows_no_other() {
    const PARKED: usize = 100_000;
    let _alone = alone().await;
    let world = world().await;
    let queue = world.queue().await;
    // The margin of 25 ms is a quarter of a per cent of ten seconds.
    let limit = Limits {
        rate: Some("1000/10s".parse().unwrap()),
        ..Limits::default()
    };
    queue.set_limits("bvn", &limit).await.unwrap();
    queue.pause("nin").await.unwrap();
    for from in (0..PARKED).step_by(10_000) {
        let some = (from..from + 10_000)
            .map(|nth| kyc_tests::Job::new("nin", &format!("{:011}", nth * 1000)));
        let some: Vec<_> = some.map(|job| job.request()).collect();
        enqueue(&queue, &some).await;
    }
    let _fleet = Fleet::start(&world, 4).await;
    enqueue(&queue, &jobs("bvn", 2_000)).await;
    let bvn = measure(&world, "bvn", 100, SPAN, async {}).await;
    assert!(bvn.used() >= 0.98, "{bvn:?}");
    let arrivals = world.sandbox().arrivals("bvn");
    assert!(busiest(&arrivals, SECOND * 10) <= 1000, "{bvn:?}");
    assert!(world.sandbox().arrivals("nin").is_empty());
    let standing = queue.limiters(&["nin"]).await.unwrap();
    assert_eq!(standing[0].waiting, PARKED as u64);
}
