//! No job waits forever.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kyc_domain::{Class, VerificationId};
use kyc_queue::{Config, State, WorkerConfig};
use kyc_sandbox::redis::Options;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    leases::SHORT,
    support::{Case, eventually, failed, found, handler, request, start, worker},
};

const LONGEST: Duration = Duration::from_secs(2);

async fn case() -> Case {
    let adjust = |config: &mut Config| config.keep_waiting = LONGEST;
    Case::with(adjust, Options::default()).await
}

fn short(name: &str) -> WorkerConfig {
    WorkerConfig {
        lease: SHORT,
        ..worker(name)
    }
}

async fn expired(case: &Case, id: VerificationId) {
    let known = case.dead(id).await;
    assert_eq!(known.code.as_deref(), Some("expired"), "{known:?}");
    assert!(
        known
            .sentence
            .is_some_and(|sentence| sentence.contains("keep_waiting"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_wait_too_long_are_dead_and_a_job_under_a_lease_is_not() {
    let case = case().await;
    case.queue.pause("bvn").await.unwrap();
    let in_an_hour = (jiff::Timestamp::now() + Duration::from_secs(3600)).to_string();
    let waits = case
        .enqueue(&request("bvn", 1, json!({"idempotency_key": "loan-1"})))
        .await
        .id;
    let scheduled = request("nin", 2, json!({"not_before": in_an_hour}));
    let scheduled = case.enqueue(&scheduled).await.id;
    let runs = case.enqueue(&request("nin", 3, json!({}))).await.id;
    let sign = Arc::new(Notify::new());
    let waiting = {
        let sign = Arc::clone(&sign);
        handler(move |job| {
            let sign = Arc::clone(&sign);
            async move {
                sign.notified().await;
                Ok(found(job.calls_before(), 0))
            }
        })
    };
    let one = start(&case.queue, short("one"), waiting);
    let young = case.enqueue(&request("bvn", 4, json!({}))).await.id;
    expired(&case, waits).await;
    expired(&case, scheduled).await;
    assert_eq!(case.look(runs).await.state, State::Running);
    sign.notify_one();
    case.completed(runs).await;
    let published = case.published().await;
    let of_waiting = published.iter().find(|entry| entry.id == waits.to_string());
    let of_waiting = of_waiting.expect("it is published");
    assert_eq!(of_waiting.state, "dead");
    assert_eq!(of_waiting.reasons, ["expired"]);
    case.queue.cancel(young).await.unwrap();
    one.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_that_is_retried_waits_anew() {
    let case = case().await;
    let fails = handler(|_| async move { Err(failed(Class::Hopeless)) });
    let one = start(&case.queue, short("one"), fails);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    case.dead(id).await;
    case.queue.pause("bvn").await.unwrap();
    tokio::time::sleep(LONGEST).await;
    let retried = Instant::now();
    assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    eventually("it is dead again", async || {
        (case.look(id).await.state == State::Dead).then_some(())
    })
    .await;
    assert!(retried.elapsed() >= LONGEST, "{:?}", retried.elapsed());
    expired(&case, id).await;
    one.stop().await;
}
