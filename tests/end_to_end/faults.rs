//! Faults between workers and Redis, made by a proxy. Workers continue after a fault, and jobs are handed over in time.

use std::time::Duration;

use kyc_domain::VerificationId;
use kyc_queue::{Queue, State, Verification};
use kyc_tests::{Job, Program, World, eventually, eventually_within, proxy::Proxy};
use tokio::time::{Instant, sleep};

use crate::{
    crash::{all_published_once, arrived, enqueue, slow},
    crash_redis::outlived,
};

/// Longer than a lease and a call on a loaded machine, and much shorter than any other time-out.
const SOON: Duration = Duration::from_secs(15);

async fn proxy(world: &mut World) -> Proxy {
    let upstream = ([127, 0, 0, 1], world.redis_server().port()).into();
    Proxy::before(upstream).await.unwrap()
}

/// Starts a worker that reaches Redis through the proxy.
async fn behind(proxy: &Proxy, world: &World, name: &str, settings: &[(&str, &str)]) -> Program {
    let url = proxy.url();
    let settings = [settings, &[("redis_url", url.as_str())]].concat();
    world.worker(name, &settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_survive_a_cut_of_ten_seconds_and_nothing_is_lost() {
    let mut world = slow(200).await;
    let queue = world.queue().await;
    let proxy = proxy(&mut world).await;
    let settings = [("lease", "2s"), ("concurrency", "4")];
    let mut workers = [
        behind(&proxy, &world, "one", &settings).await,
        behind(&proxy, &world, "two", &settings).await,
    ];
    let mut jobs = enqueue(&world, &queue, 40).await;
    arrived(&world, 12).await;
    proxy.cut();
    sleep(Duration::from_secs(10)).await;
    // Jobs that are accepted during the cut are completed after it.
    jobs.extend(enqueue(&world, &queue, 4).await);
    assert_eq!(proxy.connections(), 0);
    proxy.mend();
    all_published_once(&world, &queue, &jobs).await;
    outlived(&mut workers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_that_comes_too_late_is_refused_and_the_worker_continues() {
    let mut world = slow(400).await;
    let queue = world.queue().await;
    let proxy = proxy(&mut world).await;
    let settings = [("lease", "1s"), ("concurrency", "4")];
    let held = behind(&proxy, &world, "held", &settings).await;
    let jobs = enqueue(&world, &queue, 8).await;
    arrived(&world, 4).await;
    // Its completions are sent but do not arrive.
    proxy.stall();
    let living = world.worker("living", &settings).await;
    all_published_once(&world, &queue, &jobs).await;
    proxy.mend();
    goes_on(&world, &queue, (held, living), jobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_frozen_beyond_its_lease_continues() {
    let world = slow(400).await;
    let queue = world.queue().await;
    let settings = [("lease", "1s"), ("concurrency", "4")];
    let frozen = world.worker("frozen", &settings).await;
    let jobs = enqueue(&world, &queue, 8).await;
    arrived(&world, 4).await;
    frozen.signal("STOP").await;
    let living = world.worker("living", &settings).await;
    all_published_once(&world, &queue, &jobs).await;
    frozen.signal("CONT").await;
    goes_on(&world, &queue, (frozen, living), jobs).await;
}

/// Asserts that the worker learns which jobs it lost, publishes nothing about them, and completes new jobs alone.
async fn goes_on(
    world: &World,
    queue: &Queue,
    (mut away, mut living): (Program, Program),
    mut jobs: Vec<(VerificationId, Job)>,
) {
    assert_eq!(living.terminate().await, 0);
    eventually("it learns that it lost its jobs", async || {
        let log = away.log();
        let noticed = log.contains("Lost the lease") || log.contains("Came too late");
        noticed.then_some(())
    })
    .await;
    jobs.extend(enqueue(world, queue, 4).await);
    all_published_once(world, queue, &jobs).await;
    let mut stalls = 0;
    for (id, _) in &jobs {
        let known = world.look(queue, *id).await;
        assert_eq!(known.attempts, 1);
        stalls += known.stalls;
    }
    assert!(stalls > 0, "its leases ran out");
    assert_eq!(away.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_killed_worker_are_completed_soon_after_its_lease() {
    let world = slow(1_000).await;
    let queue = world.queue().await;
    let settings = [("lease", "2s"), ("concurrency", "8")];
    let mut victim = world.worker("victim", &settings).await;
    let jobs = enqueue(&world, &queue, 8).await;
    arrived(&world, 8).await;
    victim.kill9().await;
    let killed = Instant::now();
    let _other = world.worker("other", &settings).await;
    eventually_within(SOON, "the first is completed", async || {
        (!world.published(&queue).await.is_empty()).then_some(())
    })
    .await;
    all_published_once(&world, &queue, &jobs).await;
    assert!(killed.elapsed() < SOON, "all jobs wait for the same lease");
}

/// Asserts that a job about which a reply was lost completes soon, in one attempt and with one call.
async fn done_at_once(world: &World, queue: &Queue, (id, job): &(VerificationId, Job)) {
    let known: Verification = eventually_within(SOON, "the job is done", async || {
        Some(world.look(queue, *id).await).filter(|known| known.state.is_final())
    })
    .await;
    assert_eq!(known.state, State::Completed);
    assert_eq!(world.calls(job), 1);
    assert_eq!(
        (
            known.attempts,
            known.stalls,
            known.calls,
            known.unanswered_calls
        ),
        (1, 0, 1, 0),
        "attempts, stalls, calls, unanswered calls"
    );
    assert_eq!(world.published(queue).await.len(), 1);
    world.nothing_left(queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_whose_reply_is_lost_is_returned_again_and_costs_nothing() {
    let mut world = slow(100).await;
    let queue = world.queue().await;
    let proxy = proxy(&mut world).await;
    let jobs = enqueue(&world, &queue, 1).await;
    // Among all commands of a worker, only the lease names the number of free places.
    let lease = proxy.lose_reply_of("$2\r\n77\r\n");
    let settings = [("lease", "2s"), ("concurrency", "77")];
    let mut worker = behind(&proxy, &world, "worker", &settings).await;
    let reply = lease.lost().await;
    let id = jobs[0].0.to_string();
    let given = String::from_utf8_lossy(&reply).contains(&id);
    assert!(given, "the job was in the reply");
    done_at_once(&world, &queue, &jobs[0]).await;
    assert_eq!(worker.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_whose_reply_is_lost_is_sent_again_and_published_once() {
    let mut world = slow(100).await;
    let queue = world.queue().await;
    let proxy = proxy(&mut world).await;
    let mut worker = behind(&proxy, &world, "worker", &[("lease", "5s")]).await;
    // Only the command with the outcome contains the verdict.
    let completion = proxy.lose_reply_of("\"verdict\":\"found\"");
    let jobs = enqueue(&world, &queue, 1).await;
    completion.lost().await;
    done_at_once(&world, &queue, &jobs[0]).await;
    assert_eq!(
        worker.terminate().await,
        0,
        "it learned that the job is done"
    );
    assert!(!worker.log().contains("Came too late"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_entry_whose_reply_is_lost_becomes_one_job() {
    let mut world = slow(100).await;
    let (queue, mut redis) = (world.queue().await, world.redis().await);
    let proxy = proxy(&mut world).await;
    let job = Job::of_case("bvn", "000").with("reference", "read-once");
    let mut add = redis::cmd("XADD");
    add.arg("{kyc}:inbox").arg("*").arg("job").arg(job.json());
    add.exec_async(&mut redis).await.unwrap();
    let reading = proxy.lose_reply_of("$1\r\n>\r\n");
    let mut worker = behind(&proxy, &world, "worker", &[]).await;
    let reply = reading.lost().await;
    let read = String::from_utf8_lossy(&reply).contains("read-once");
    assert!(read, "the entry was in the reply");
    let published = eventually("the job is published", async || {
        world.published(&queue).await.pop()
    })
    .await;
    assert_eq!(published.reference, "read-once");
    assert_eq!(world.calls(&job), 1);
    eventually("the inbox is empty", async || {
        let depths = queue.depths(&["bvn"]).await.unwrap();
        (depths.inbox == 0).then_some(())
    })
    .await;
    assert_eq!(world.published(&queue).await.len(), 1);
    world.nothing_left(&queue).await;
    assert_eq!(worker.terminate().await, 0);
}
