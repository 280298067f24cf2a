//! Workers that die, are stopped, or freeze: no job is lost, and no result is published twice.

use std::{collections::HashSet, time::Duration};

use kyc_domain::VerificationId;
use kyc_queue::{Queue, State};
use kyc_sandbox::Config;
use kyc_tests::{Job, World, eventually};

pub(crate) async fn slow(latency: u64) -> World {
    let config = Config {
        latency: Duration::from_millis(latency),
        ..Config::default()
    };
    World::with(config).await
}

/// Enqueues jobs about ordinary persons, each with its own number.
pub(crate) async fn enqueue(
    world: &World,
    queue: &Queue,
    count: u32,
) -> Vec<(VerificationId, Job)> {
    let mut jobs = Vec::new();
    for person in 0..count {
        let job = Job::new("bvn", &format!("222{person:05}000"));
        jobs.push((world.enqueue(queue, &job).await, job));
    }
    jobs
}

pub(crate) async fn arrived(world: &World, at_least: u64) {
    eventually("calls arrive", async || {
        (world.stats().arrivals["bvn"] >= at_least).then_some(())
    })
    .await;
}

/// Asserts that every job has completed and is in the results stream exactly once.
pub(crate) async fn all_published_once(
    world: &World,
    queue: &Queue,
    jobs: &[(VerificationId, Job)],
) {
    for (id, _) in jobs {
        assert_eq!(
            world.end_of(queue, *id).await.state,
            State::Completed,
            "{id}"
        );
    }
    let published = world.published(queue).await;
    let ids: HashSet<&str> = published.iter().map(|result| result.id.as_str()).collect();
    assert_eq!((published.len(), ids.len()), (jobs.len(), jobs.len()));
    world.nothing_left(queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_loses_no_job_and_none_is_published_twice() {
    let world = slow(150).await;
    let queue = world.queue().await;
    let settings = [("lease", "2s"), ("concurrency", "8")];
    let mut victim = world.worker("victim", &settings).await;
    let _other = world.worker("other", &settings).await;
    let jobs = enqueue(&world, &queue, 60).await;
    arrived(&world, 20).await;
    victim.kill9().await;
    all_published_once(&world, &queue, &jobs).await;
    let mut stalled = 0;
    for (id, job) in &jobs {
        let known = world.look(&queue, *id).await;
        let calls = world.calls(job);
        assert!((1..=2).contains(&calls), "{calls} calls for one job");
        assert!(u64::from(known.calls) >= calls, "a call was forgotten");
        assert_eq!(known.attempts, 1, "a crash is no attempt");
        assert_eq!(
            known.unanswered_calls, known.stalls,
            "a lost call may be billed"
        );
        stalled += known.stalls;
    }
    assert!(stalled > 0, "the killed worker had jobs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_stopped_finishes_its_jobs_and_takes_no_more() {
    let world = slow(1_000).await;
    let queue = world.queue().await;
    let mut first = world.worker("first", &[("concurrency", "4")]).await;
    let jobs = enqueue(&world, &queue, 12).await;
    arrived(&world, 4).await;
    assert_eq!(first.terminate().await, 0);
    assert_eq!(world.stats().arrivals["bvn"], 4, "it took no further job");
    let mut waiting = 0;
    for (id, _) in &jobs {
        let known = world.look(&queue, *id).await;
        match known.state {
            State::Completed => assert_eq!(known.attempts, 1),
            State::Waiting => {
                waiting += 1;
                assert_eq!((known.attempts, known.stalls, known.calls), (0, 0, 0));
            }
            state => panic!("{id} is {state:?}"),
        }
    }
    assert_eq!(waiting, 8);
    let _second = world.worker("second", &[]).await;
    all_published_once(&world, &queue, &jobs).await;
    for (_, job) in &jobs {
        assert_eq!(world.calls(job), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_exceed_the_grace_period_are_handed_back_at_once() {
    let world = slow(5_000).await;
    let queue = world.queue().await;
    // The lease lasts longer than this test.
    let settings = [("grace", "300ms"), ("lease", "10m"), ("concurrency", "2")];
    let mut first = world.worker("first", &settings).await;
    let jobs = enqueue(&world, &queue, 2).await;
    arrived(&world, 2).await;
    assert_eq!(first.terminate().await, 0);
    for (id, _) in &jobs {
        let known = world.look(&queue, *id).await;
        assert_eq!(
            (known.state, known.attempts, known.stalls),
            (State::Waiting, 0, 0)
        );
        assert_eq!(
            (known.calls, known.unanswered_calls),
            (1, 1),
            "it may be billed"
        );
    }
    let _second = world.worker("second", &[]).await;
    all_published_once(&world, &queue, &jobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_frozen_beyond_its_lease_publishes_nothing() {
    let world = slow(400).await;
    let queue = world.queue().await;
    let settings = [("lease", "1s"), ("concurrency", "4")];
    let mut frozen = world.worker("frozen", &settings).await;
    let jobs = enqueue(&world, &queue, 8).await;
    arrived(&world, 4).await;
    frozen.signal("STOP").await;
    let _living = world.worker("living", &settings).await;
    all_published_once(&world, &queue, &jobs).await;
    frozen.signal("CONT").await;
    // The worker ends only when all its jobs are settled.
    assert_eq!(frozen.terminate().await, 0);
    let log = frozen.log();
    let noticed = log.contains("Lost the lease") || log.contains("Came too late");
    assert!(noticed, "it learned that it had lost its jobs: {log}");
    all_published_once(&world, &queue, &jobs).await;
    let mut stalls = 0;
    for (id, job) in &jobs {
        let known = world.look(&queue, *id).await;
        assert_eq!(known.attempts, 1);
        assert!(world.calls(job) <= 2);
        stalls += known.stalls;
    }
    assert!(stalls > 0, "the lease of the frozen worker ran out");
}
