//! The results stream holds no more, and for no longer, than it should.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use kyc_domain::{Class, Reason, ReasonCode};
use kyc_queue::WorkerConfig;
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::SHORT,
    support::{Case, eventually, failed, found, handler, request, start, worker},
};

#[tokio::test(flavor = "multi_thread")]
async fn results_are_deleted_when_the_retention_of_completed_jobs_ends() {
    let brief = |config: &mut kyc_queue::Config| config.keep_completed = Duration::from_secs(1);
    let case = Case::with(brief, Options::default()).await;
    let config = WorkerConfig {
        lease: SHORT,
        ..worker("one")
    };
    let ends = handler(|job| async move {
        if job.kind() == "bvn" {
            Ok(found(job.calls_before(), 0))
        } else {
            Err(failed(Class::Hopeless))
        }
    });
    let one = start(&case.queue, config, ends);
    // Within one node of the stream, which Redis would leave as a whole.
    for (nth, kind) in ["bvn", "nin"].into_iter().enumerate() {
        let id = case.enqueue(&request(kind, nth, json!({}))).await.id;
        case.ended(id).await;
    }
    assert_eq!(case.published().await.len(), 2);
    let raw = case.raw().await;
    eventually("the results are deleted", async || {
        let length: usize = raw.clone().xlen(case.key("results")).await.unwrap();
        (length == 0).then_some(())
    })
    .await;
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_job_leaves_no_result() {
    let case = Case::start().await;
    let is_well = Arc::new(AtomicBool::new(false));
    let one = start(&case.queue, worker("one"), {
        let is_well = Arc::clone(&is_well);
        handler(move |job| {
            let is_well = is_well.load(SeqCst);
            async move {
                if is_well {
                    Ok(found(job.calls_before(), 0))
                } else {
                    Err(failed(Class::Hopeless))
                }
            }
        })
    });
    // It dies, is retried by hand, and completes: it is published twice.
    let first = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    case.dead(first).await;
    is_well.store(true, SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(case.queue.retry(&[first]).await.unwrap(), 1);
    case.completed(first).await;
    let other = request("bvn", 2, json!({"reference": first.to_string()}));
    let other = case.enqueue(&other).await.id;
    case.completed(other).await;
    let cancelled = case
        .enqueue(&request("bvn", 3, json!({"not_before": soon()})))
        .await
        .id;
    case.queue.cancel(cancelled).await.unwrap();
    assert_eq!(case.published().await.len(), 4);
    assert_eq!(case.queue.discard(&[first, cancelled]).await.unwrap(), 2);
    let left = case.published().await;
    let left: Vec<&str> = left.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(left, [other.to_string()], "only that of the other job");
    one.stop().await;
    case.done().await;
}

fn soon() -> String {
    (jiff::Timestamp::now() + Duration::from_secs(600)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_that_the_subject_may_not_know_are_not_published() {
    let case = Case::start().await;
    let listed = handler(|job| async move {
        let mut outcome = found(job.calls_before(), 0);
        let codes = [ReasonCode::WatchListed, ReasonCode::NothingConfirmed];
        outcome.reasons = codes.map(Reason::from).to_vec();
        Ok(outcome)
    });
    let one = start(&case.queue, worker("one"), listed);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let known = case.completed(id).await;
    let published = case.published().await;
    assert_eq!(published[0].reasons, ["nothing_confirmed"]);
    let reasons = known.outcome.unwrap().reasons;
    assert_eq!(reasons[0].code, "watch_listed", "the outcome has them all");
    one.stop().await;
    case.done().await;
}
