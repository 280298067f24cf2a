//! A tenant with very many jobs and a tenant with a single job, measured at the provider.

use std::time::Duration;

use kyc_sandbox::{Config, arrivals::within};
use kyc_tests::{Job, World, eventually};

use crate::{
    alone,
    fleet::{Fleet, enqueue, per_second},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_single_job_is_sent_within_two_slots_of_each_tenant() {
    const MANY: usize = 40_000;
    let _alone = alone().await;
    let world = World::with(Config {
        latency: Duration::from_millis(20),
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    queue.set_limits("bvn", &per_second(10)).await.unwrap();
    let of_big = |nth: usize| Job::new("bvn", &format!("222{nth:05}000")).with("tenant", "big");
    for from in (0..MANY).step_by(10_000) {
        let some: Vec<_> = (from..from + 10_000)
            .map(|nth| of_big(nth).request())
            .collect();
        enqueue(&queue, &some).await;
    }
    let _fleet = Fleet::start(&world, 3).await;
    eventually("calls go", async || {
        (world.sandbox().arrivals("bvn").len() > 20).then_some(())
    })
    .await;
    let single = Job::new("bvn", "22299999000").with("tenant", "small");
    let accepted = world.sandbox().elapsed();
    let id = world.enqueue(&queue, &single).await;
    let done = world.end_of(&queue, id).await;
    assert_eq!(done.verdict.as_deref(), Some("found"));
    let called = done.outcome.unwrap().call_details;
    let took = Duration::try_from(called.requested_at.duration_since(done.enqueued_at)).unwrap();
    let before = within(&world.sandbox().arrivals("bvn"), accepted, accepted + took);
    // Two slots for each of two tenants, including those that were granted already.
    assert!(before <= 4, "{before} calls in {took:?} before it");
    let waiting = queue.depths(&["bvn"]).await.unwrap().ready["bvn"];
    assert!(waiting > 39_000, "{waiting}");
}
