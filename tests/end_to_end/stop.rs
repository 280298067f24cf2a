//! A worker that gets two stop signals: it hands its jobs back instead of finishing them.

use std::time::{Duration, Instant};

use kyc_queue::State;

use kyc_tests::{Program, eventually};

use crate::crash::{all_published_once, arrived, enqueue, slow};

/// The exit codes that process managers know for SIGTERM and SIGINT.
const BY_TERM: i32 = 143;
const BY_INT: i32 = 130;

/// Longer than any bound in these tests, so that only a second signal ends a drain.
const SETTINGS: [(&str, &str); 3] = [("grace", "60s"), ("lease", "10m"), ("call_timeout", "59s")];
const QUICK: Duration = Duration::from_secs(20);

async fn drains(worker: &Program) {
    eventually("it drains", async || {
        let told = worker.log().contains("finishing running jobs");
        told.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_hands_the_jobs_back_at_once_to_another_worker() {
    for (signal, code) in [("TERM", BY_TERM), ("INT", BY_INT)] {
        let world = slow(30_000).await;
        let queue = world.queue().await;
        let mut first = world.worker("first", &SETTINGS).await;
        let jobs = enqueue(&world, &queue, 2).await;
        arrived(&world, 2).await;
        first.signal("TERM").await;
        drains(&first).await;
        let urged = Instant::now();
        first.signal(signal).await;
        assert_eq!(first.ended().await, code);
        assert!(urged.elapsed() < QUICK, "{:?}", urged.elapsed());
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
        let mut settings = SETTINGS.to_vec();
        let quick = kyc_sandbox::Config {
            api_token: Some(kyc_tests::TOKEN.to_owned()),
            ..kyc_sandbox::Config::default()
        };
        let sandbox = kyc_sandbox::Sandbox::start(([127, 0, 0, 1], 0).into(), quick).await;
        let url = sandbox.as_ref().unwrap().url();
        settings.push(("radius_url", &url));
        let mut second = world.worker("second", &settings).await;
        all_published_once(&world, &queue, &jobs).await;
        assert_eq!(second.terminate().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_while_redis_hangs() {
    let mut world = slow(30_000).await;
    let queue = world.queue().await;
    let mut worker = world.worker("worker", &SETTINGS).await;
    let _jobs = enqueue(&world, &queue, 1).await;
    arrived(&world, 1).await;
    world.redis_server().pause().unwrap();
    worker.signal("TERM").await;
    drains(&worker).await;
    let urged = Instant::now();
    worker.signal("TERM").await;
    assert_eq!(worker.ended().await, BY_TERM);
    assert!(urged.elapsed() < QUICK, "{:?}", urged.elapsed());
    world.redis_server().resume().unwrap();
}

/// A closing terminal may send several signals at once. They count as one.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_hangup_is_not_a_second_signal() {
    let world = slow(2_000).await;
    let queue = world.queue().await;
    let mut worker = world.worker("worker", &SETTINGS).await;
    let jobs = enqueue(&world, &queue, 1).await;
    arrived(&world, 1).await;
    worker.signal("HUP").await;
    drains(&worker).await;
    worker.signal("HUP").await;
    assert_eq!(worker.ended().await, 0);
    all_published_once(&world, &queue, &jobs).await;
}
