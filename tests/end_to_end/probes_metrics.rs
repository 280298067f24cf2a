//! `/metrics`: the metrics of jobs and of the queue, and that they add up.

use kyc_tests::{Job, World, eventually};

use crate::{
    crash::{all_published_once, arrived, enqueue, slow},
    page::Port,
};

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_counted_timed_and_their_buckets_add_up() {
    let world = World::new().await;
    let queue = world.queue().await;
    let (_worker, port) = Port::worker(&world, "one", &[("retry_first", "20ms")]).await;
    port.ready().await;
    let first = port.page().await;
    let found = "kyc_jobs_completed_total{kind=\"bvn\",verdict=\"found\"}";
    assert_eq!(first.value(found), 0.0, "it exists from the start");
    let jobs = enqueue(&world, &queue, 5).await;
    all_published_once(&world, &queue, &jobs).await;
    // One job fails and is tried again, one parks its kind for a moment, and one fails for good.
    for code in ["020", "012", "033"] {
        let id = world.enqueue(&queue, &Job::of_case("nin", code)).await;
        world.end_of(&queue, id).await;
    }
    queue.post("{}").await.unwrap();
    port.reaches("kyc_inbox_entries_total{result=\"rejected\"}", 1.0)
        .await;
    let page = port
        .reaches("kyc_queue_jobs{kind=\"all\",state=\"completed\"}", 5.0)
        .await;
    assert_eq!(page.value(found), 5.0);
    let calls = "kyc_upstream_call_seconds";
    assert_eq!(
        page.value(&format!("{calls}_count{{kind=\"bvn\",answer=\"2xx\"}}")),
        5.0
    );
    let last = format!("{calls}_bucket{{kind=\"bvn\",answer=\"2xx\",le=\"+Inf\"}}");
    assert_eq!(page.value(&last), 5.0);
    assert_eq!(page.value("kyc_job_seconds_count{kind=\"bvn\"}"), 5.0);
    assert_eq!(page.value("kyc_job_wait_seconds_count{kind=\"bvn\"}"), 5.0);
    assert_eq!(page.types["kyc_job_wait_seconds"], "histogram");
    let failed = page.sum("kyc_attempts_failed_total");
    let settled = page.sum("kyc_jobs_retried_total")
        + page.sum("kyc_jobs_dead_total")
        + page.sum("kyc_kinds_parked_total");
    assert_eq!(failed, settled, "{}", page.text);
    assert_eq!(page.value("kyc_queue_workers"), 1.0);
    assert_eq!(page.value("kyc_worker_leases"), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_queue_is_shown_with_parked_kinds_and_ages() {
    let world = slow(2_000).await;
    let queue = world.queue().await;
    let settings = [("concurrency", "1"), ("kinds", "bvn,nin")];
    let (_worker, port) = Port::worker(&world, "one", &settings).await;
    let refused = world.enqueue(&queue, &Job::of_case("nin", "040")).await;
    port.reaches("kyc_queue_parked{kind=\"nin\",reason=\"key_refused\"}", 1.0)
        .await;
    let _jobs = enqueue(&world, &queue, 3).await;
    arrived(&world, 1).await;
    let oldest = "kyc_queue_oldest_seconds{kind=\"bvn\",state=\"ready\"}";
    let page = port.reaches(oldest, 0.1).await;
    assert!(page.value(oldest) < 60.0, "{}", page.text);
    assert_eq!(
        page.value("kyc_queue_parked_seconds{kind=\"nin\"}"),
        0.0,
        "a person resumes it"
    );
    assert_eq!(
        page.value("kyc_queue_parked{kind=\"bvn\",reason=\"key_refused\"}"),
        0.0
    );
    assert_eq!(
        page.value("kyc_queue_jobs{kind=\"nin\",state=\"ready\"}"),
        1.0
    );
    assert_eq!(
        page.value("kyc_queue_jobs{kind=\"all\",state=\"running\"}"),
        1.0
    );
    assert_eq!(
        page.value("kyc_queue_jobs{kind=\"cac\",state=\"ready\"}"),
        0.0
    );
    let known = world.look(&queue, refused).await;
    assert_eq!(known.attempts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_shows_as_a_stall_of_the_queue() {
    let world = slow(1_500).await;
    let queue = world.queue().await;
    let lease = [("lease", "1s")];
    let mut victim = world.worker("victim", &lease).await;
    let jobs = enqueue(&world, &queue, 2).await;
    arrived(&world, 2).await;
    victim.kill9().await;
    let (_other, port) = Port::worker(&world, "other", &lease).await;
    all_published_once(&world, &queue, &jobs).await;
    let stalls = "kyc_queue_stalls_total{kind=\"bvn\",end=\"again\"}";
    assert_eq!(port.reaches(stalls, 2.0).await.value(stalls), 2.0);
    // A page shows the queue as it was at most a second ago.
    eventually("nothing runs any more", async || {
        let page = port.page().await;
        let running = page.value("kyc_queue_jobs{kind=\"all\",state=\"running\"}");
        (running == 0.0).then_some(())
    })
    .await;
}
