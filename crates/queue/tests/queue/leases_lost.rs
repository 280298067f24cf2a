//! Leases that are lost in unusual ways.

use std::{sync::Arc, time::Duration};

use kyc_queue::State;
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    leases::{SHORT, short},
    support::{Case, found, handler, request, start, worker},
};

/// The reply of a batch was lost, and by the time its worker asks again all its jobs are with others.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_empty_when_it_is_asked_for_again_holds_nobody_up() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    let first = case.enqueue(&request("bvn", 1, json!({}))).await;
    case.completed(first.id).await;
    let mut raw = case.raw().await;
    let sessions: Vec<String> = raw.zrange(case.key("workers"), 0, -1).await.unwrap();
    let batch = case.key(&format!("batch:{}", sessions[0]));
    let _: () = raw.set(&batch, "2 1").await.unwrap();
    let next = case.enqueue(&request("bvn", 2, json!({}))).await;
    case.completed(next.id).await;
    worker.stop().await;
    case.done().await;
}

/// Its worker is lost and its last moment passes, both seen by the same look: it dies once, and is not called for.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_stalls_and_is_too_late_at_once_is_dead_and_nothing_else() {
    let case = Case::start().await;
    let deadline = jiff::Timestamp::now() + Duration::from_millis(400);
    let terms = json!({"deadline": deadline.to_string()});
    let accepted = case.enqueue(&request("bvn", 1, terms)).await;
    let begun = Arc::new(Notify::new());
    let hanging = {
        let begun = Arc::clone(&begun);
        handler(move |_| {
            begun.notify_one();
            std::future::pending()
        })
    };
    let queue = case.another_queue().await;
    let lost = start(&queue, short("lost"), hanging);
    begun.notified().await;
    lost.crash();
    // Nobody looks until both times have passed.
    tokio::time::sleep(SHORT.max(Duration::from_millis(500)) * 2).await;
    let worker = start(
        &case.queue,
        short("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    let ended = case.dead(accepted.id).await;
    assert_eq!(ended.code.as_deref(), Some("deadline_passed"));
    let next = case.enqueue(&request("bvn", 2, json!({}))).await;
    case.completed(next.id).await;
    assert_eq!(case.look(accepted.id).await.state, State::Dead);
    worker.stop().await;
    case.done().await;
}
