//! Retained answers: they were billed but could not be used. They are read again with new settings, or stored once the blob
//! store is back, without a call.

use std::time::Duration;

use kyc_queue::{Filter, Place};
use kyc_tests::{
    Disk, Job, World, eventually, eventually_within,
    provider::{Provider, RECORD, answer},
};

use crate::secrets::redis_values;

/// Returns a record with an unknown word for success.
fn of_another_shape() -> String {
    RECORD
        .replace("success", "done")
        .replace("Ada", "Adaeze-of-the-kept-answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_answers_of_a_new_shape_are_retained_and_read_again() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    let queue = world.queue().await;
    let mut ids = Vec::new();
    for nth in 0..150 {
        let job = Job::new("bvn", &format!("224{nth:05}000"));
        provider.script(job.number(), &[answer("200 OK", of_another_shape())]);
        ids.push(world.enqueue(&queue, &job).await);
    }
    let mut worker = world.worker("old", &[("concurrency", "100")]).await;
    eventually("the kind parks", async || {
        let parked = queue.parked(&["bvn"]).await.unwrap();
        parked
            .iter()
            .any(|parked| parked.reason == "unreadable_answers" && parked.until_ms.is_none())
            .then_some(())
    })
    .await;
    eventually("nothing is under way", async || {
        (queue.depths(&["bvn"]).await.unwrap().running == 0).then_some(())
    })
    .await;
    let calls = provider.all_calls();
    // The calls of the window, and those that were in flight with them.
    assert!((5..=105).contains(&calls), "{calls}");
    let filter = Filter {
        code: Some("unreadable_answer".to_owned()),
        ..Filter::all(Place::Dead)
    };
    let dead = queue.select(&filter, &["bvn"]).await.unwrap();
    assert_eq!(dead.len(), calls as usize);
    assert!(
        worker.log().contains("kyc jobs reread"),
        "the log names the command"
    );
    let kept = world
        .run(["result", &dead[0].to_string(), "--answer"])
        .await
        .good();
    assert_eq!(kept, of_another_shape());
    for (place, bytes) in redis_values(&world).await {
        let found = bytes.windows(13).any(|bytes| bytes == b"Adaeze-of-the");
        assert!(!found, "{place}");
    }
    worker.terminate().await;

    world.set("success_words", "success,done");
    let _worker = world.worker("new", &[("concurrency", "100")]).await;
    let code = "unreadable_answer";
    let out = world
        .run(["jobs", "reread", "--place", "dead", "--code", code, "--yes"])
        .await
        .good();
    assert!(out.starts_with(&calls.to_string()), "{out}");
    eventually("all are completed", async || {
        (queue.depths(&["bvn"]).await.unwrap().completed == u64::from(calls)).then_some(())
    })
    .await;
    assert_eq!(provider.all_calls(), calls, "without a call");
    let published = world.published(&queue).await;
    let completed = published
        .iter()
        .filter(|result| result.state == "completed")
        .count();
    assert_eq!(
        completed, calls as usize,
        "each is published once as completed"
    );
    let again = world
        .run(["result", &dead[0].to_string(), "--answer"])
        .await;
    assert_eq!(again.code, 5, "it is kept no longer");

    queue.resume("bvn").await.unwrap();
    for id in ids {
        assert_eq!(
            world.end_of(&queue, id).await.verdict.as_deref(),
            Some("found")
        );
    }
    assert_eq!(provider.all_calls(), 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_answer_is_removed_with_its_job() {
    let provider = Provider::start().await;
    let world = World::without_sandbox(&provider.url());
    let queue = world.queue().await;
    let job = Job::new("bvn", "22512345000");
    provider.script(job.number(), &[answer("200 OK", of_another_shape())]);
    let id = world.enqueue(&queue, &job).await;
    let _worker = world.worker("worker", &[]).await;
    assert!(world.end_of(&queue, id).await.answer_retained);
    let id = id.to_string();
    let shown = world.run(["jobs", "show", &id, "--json"]).await;
    assert!(
        shown.out.contains("\"answer_retained\":true"),
        "{}",
        shown.out
    );
    world.run(["jobs", "discard", &id]).await.good();
    assert!(
        queue
            .retained_answer(id.parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
    let left: usize = redis::cmd("ZCARD")
        .arg("{kyc}:kept")
        .query_async(&mut world.redis().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

/// Returns the length of an outage of the store, which is longer than any worker waits. `KYC_OUTAGE_SECONDS` extends it.
fn outage() -> Duration {
    #[expect(
        clippy::disallowed_methods,
        reason = "an environment variable sets the length of the test"
    )]
    let seconds = std::env::var("KYC_OUTAGE_SECONDS").ok();
    Duration::from_secs(
        seconds
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or(6),
    )
}

async fn a_store_that_fails(fail: fn(&Disk, bool)) {
    let mut world = World::new().await;
    world.set("pause_first", "200ms");
    let disk = Disk::at(&world.blobs(), 4 << 20);
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let before = Job::of_case("bvn", "000");
    let id = world.enqueue(&queue, &before).await;
    world.end_of(&queue, id).await;

    fail(&disk, true);
    let mut ids = Vec::new();
    for nth in 0..80 {
        let kind = ["bvn", "nin"][nth % 2];
        let job = Job::new(kind, &format!("226{nth:05}000"));
        ids.push((world.enqueue(&queue, &job).await, job));
    }
    let company = world.enqueue(&queue, &Job::of_case("cac", "000")).await;
    eventually("kinds with images park", async || {
        let parked = queue.parked(&["bvn", "nin"]).await.unwrap();
        let by_store = parked
            .iter()
            .filter(|parked| parked.reason == "blob_store")
            .count();
        (by_store == 2).then_some(())
    })
    .await;
    assert_eq!(
        world.end_of(&queue, company).await.verdict.as_deref(),
        Some("match"),
        "it brings no image"
    );
    eventually("a job waits for the store", async || {
        for (id, _) in &ids {
            let known = world.look(&queue, *id).await;
            if known
                .waiting
                .is_some_and(|waiting| waiting.why == "blob_store" && waiting.scope.is_none())
            {
                return Some(());
            }
        }
        None
    })
    .await;
    tokio::time::sleep(outage()).await;
    assert_eq!(
        queue.depths(&["bvn", "nin"]).await.unwrap().dead,
        0,
        "nothing dies of it"
    );

    fail(&disk, false);
    let done = async || {
        let depths = queue.depths(&["bvn", "nin", "cac"]).await.unwrap();
        (depths.completed == 82).then_some(())
    };
    eventually_within(Duration::from_secs(90), "all are done", done).await;
    for (id, job) in ids {
        let known = world.look(&queue, id).await;
        assert_eq!((known.calls, world.calls(&job)), (1, 1), "{known:?}");
        assert!(!known.outcome.unwrap().images.is_empty());
    }
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_folder_that_cannot_be_written_costs_no_second_call() {
    a_store_that_fails(Disk::read_only).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_folder_that_is_full_costs_no_second_call() {
    a_store_that_fails(Disk::full).await;
}
