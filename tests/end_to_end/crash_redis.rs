//! A Redis that dies, restarts, or hangs: workers survive it, no job is lost, and no result is published twice.

use std::time::Duration;

use kyc_domain::VerificationId;
use kyc_tests::{Job, Program, World};
use tokio::time::sleep;

use crate::crash::{all_published_once, arrived, enqueue, slow};

const SETTINGS: [(&str, &str); 2] = [("lease", "2s"), ("concurrency", "4")];

/// Asserts that no number was called for more than twice.
fn called_twice_at_most(world: &World, jobs: &[(VerificationId, Job)]) {
    for (_, job) in jobs {
        assert!((1..=2).contains(&world.calls(job)));
    }
}

/// Asserts that the workers are still running.
pub(crate) async fn outlived(workers: &mut [Program]) {
    for worker in workers {
        assert_eq!(worker.terminate().await, 0);
        assert!(!worker.log().contains("panicked"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_and_restarted_costs_no_job_and_no_worker() {
    let mut world = slow(200).await;
    let queue = world.queue().await;
    let mut workers = [
        world.worker("one", &SETTINGS).await,
        world.worker("two", &SETTINGS).await,
    ];
    let jobs = enqueue(&world, &queue, 40).await;
    arrived(&world, 12).await;
    world.redis_server().kill().unwrap();
    // Redis stays down for a while. Calls under way are answered, and their outcomes wait.
    sleep(Duration::from_secs(1)).await;
    world.redis_server().restart().unwrap();
    let queue = world.queue().await;
    all_published_once(&world, &queue, &jobs).await;
    called_twice_at_most(&world, &jobs);
    outlived(&mut workers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_beyond_the_lease_costs_no_job_and_no_worker() {
    let mut world = slow(200).await;
    let queue = world.queue().await;
    let mut workers = [
        world.worker("one", &SETTINGS).await,
        world.worker("two", &SETTINGS).await,
    ];
    let jobs = enqueue(&world, &queue, 40).await;
    arrived(&world, 12).await;
    world.redis_server().pause().unwrap();
    sleep(Duration::from_secs(5)).await;
    world.redis_server().resume().unwrap();
    all_published_once(&world, &queue, &jobs).await;
    called_twice_at_most(&world, &jobs);
    outlived(&mut workers).await;
}
