//! Settlements that Redis refuses: with an error of the script itself, which a repetition need not change.

use std::{sync::Arc, time::Duration};

use kyc_queue::{Reuse, State};
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::support::{Case, eventually, found, handler, request, start, worker};

#[tokio::test(flavor = "multi_thread")]
async fn no_duration_and_no_count_is_too_large_for_redis() {
    let endless = |config: &mut kyc_queue::Config| {
        config.keep_completed = Duration::MAX;
        config.keep_dead = Duration::MAX;
        config.keep_unreadable = Duration::MAX;
        config.keep_results = usize::MAX;
    };
    let case = Case::with(endless, Options::default()).await;
    let mut config = worker("one");
    config.lease = Duration::MAX;
    config.circuit.longest_pause = Duration::MAX;
    let worker = start(&case.queue, config, handler(async |_| Ok(found(0, 0))));
    let job = case
        .enqueue(&request("bvn", 1, json!({"idempotency_key": "one"})))
        .await;
    case.completed(job.id).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_that_fails_after_its_publication_is_not_published_again() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let completed = case.key("completed");
    raw.lpush::<_, _, ()>(&completed, "damaged").await.unwrap();
    let worker = start(
        &case.queue,
        worker("one"),
        handler(async |_| Ok(found(0, 0))),
    );
    let job = case.enqueue(&request("bvn", 1, json!({}))).await;
    eventually("it is published", async || {
        (!case.published().await.is_empty()).then_some(())
    })
    .await;
    // Tried several times by now.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(case.published().await.len(), 1);
    raw.del::<_, ()>(&completed).await.unwrap();
    eventually("it is among the completed", async || {
        let depths = case.depths().await;
        (depths.completed == 1 && depths.running == 0).then_some(())
    })
    .await;
    case.completed(job.id).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_settlement_always_fails_does_not_stay_with_its_worker() {
    let reuse = |config: &mut kyc_queue::Config| {
        config.reuse = Reuse::default().with("bvn", None, Duration::from_secs(3600));
    };
    let case = Arc::new(Case::with(reuse, Options::default()).await);
    let mut config = worker("one");
    config.lease = Duration::from_secs(2);
    let damage = {
        let case = Arc::clone(&case);
        handler(move |_| {
            let case = Arc::clone(&case);
            async move {
                let mut raw = case.raw().await;
                let keys: Vec<String> = raw.keys(case.key("job:*")).await.unwrap();
                let header: String = raw.hget(&keys[0], "header").await.unwrap();
                let header: Value = serde_json::from_str(&header).unwrap();
                let index = header["coalescing"]["index"].as_str().unwrap();
                let answer = case.key(&format!("answer:{index}"));
                raw.lpush::<_, _, ()>(answer, "damaged").await.unwrap();
                Ok(found(0, 0))
            }
        })
    };
    let worker = start(&case.queue, config, damage);
    let job = case.enqueue(&request("bvn", 1, json!({}))).await;
    eventually("it is settled without its worker", async || {
        let depths = case.depths().await;
        (depths.completed == 1 && depths.running == 0).then_some(())
    })
    .await;
    assert_eq!(case.look(job.id).await.state, State::Completed);
    worker.stop().await;
}
