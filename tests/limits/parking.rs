//! A provider that requests a pause: no worker of the fleet calls again before its end, measured at the provider.

use std::time::Duration;

use kyc_sandbox::{Config, Retry, Trouble, arrivals::within};
use kyc_tests::{World, eventually, eventually_within};

use crate::{
    alone,
    fleet::{Fleet, SECOND, enqueue, jobs, per_second},
};

const ASKED: Duration = Duration::from_secs(30);
const LATENCY: Duration = Duration::from_millis(20);
/// The time from the provider's answer until every worker knows about it. Calls that are sent meanwhile do not count.
const KNOWN_AFTER: Duration = Duration::from_millis(150);

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_applies_to_the_whole_fleet_but_to_no_other_kind() {
    let _alone = alone().await;
    let world = World::with(Config {
        latency: LATENCY,
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    for kind in ["bvn", "nin"] {
        queue.set_limits(kind, &per_second(50)).await.unwrap();
    }
    let _fleet = Fleet::start(&world, 5).await;
    enqueue(&queue, &jobs("bvn", 400)).await;
    enqueue(&queue, &jobs("nin", 2_000)).await;
    eventually("calls go", async || {
        (world.sandbox().arrivals("bvn").len() > 50).then_some(())
    })
    .await;
    let trouble = Trouble::status(429, Retry::Seconds(30));
    let before = world.sandbox().arrivals("bvn").len();
    world.sandbox().trouble(trouble.of("bvn").times(1));
    // The next call gets this answer.
    let told = eventually("one job is told to wait", async || {
        world.sandbox().arrivals("bvn").get(before).copied()
    })
    .await
        + LATENCY;
    let parked = eventually("the kind is parked", async || {
        queue.parked(&["bvn"]).await.unwrap().pop()
    })
    .await;
    assert_eq!(parked.reason, "retry_after");
    eventually_within(ASKED * 2, "calls go again", async || {
        let since = told + KNOWN_AFTER;
        let arrivals = world.sandbox().arrivals("bvn");
        arrivals
            .last()
            .is_some_and(|last| *last > since + SECOND)
            .then_some(())
    })
    .await;
    let arrivals = world.sandbox().arrivals("bvn");
    assert_eq!(within(&arrivals, told + KNOWN_AFTER, told + ASKED), 0);
    let others = world.sandbox().arrivals("nin");
    let others = within(&others, told, told + ASKED);
    assert!(
        others >= 50 * 30 * 95 / 100,
        "the other kind goes on: {others}"
    );
    eventually("all are done", async || {
        let depths = queue.depths(&["bvn"]).await.unwrap();
        (depths.ready["bvn"] == 0 && depths.running == 0).then_some(())
    })
    .await;
    let all = kyc_queue::Filter::all(kyc_queue::Place::Completed);
    let filter = kyc_queue::Filter {
        kind: Some("bvn".to_owned()),
        ..all
    };
    let mut calls = 0;
    for id in queue.select(&filter, &["bvn"]).await.unwrap() {
        let job = world.look(&queue, id).await;
        assert_eq!(job.attempts, 1, "waiting spends no attempt: {job:?}");
        calls += job.calls;
    }
    // Only the job that was told to wait called twice.
    assert_eq!(calls, 401);
    assert_eq!(world.sandbox().arrivals("bvn").len(), 401);
}
