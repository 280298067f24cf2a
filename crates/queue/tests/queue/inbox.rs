//! The door for any Redis client.

use std::sync::Arc;

use kyc_kinds::{Rules, parse};
use kyc_queue::{Inbox, Queue};
use redis::{AsyncCommands as _, streams::StreamReadReply};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{Case, eventually, found, handler, number, start, worker};

pub(crate) fn read(queue: &Queue, name: &str) -> JoinHandle<()> {
    let inbox = Inbox::new(queue.clone(), name, |job: &[u8]| {
        parse(job, Rules::default())
    });
    tokio::spawn(async move { inbox.run().await })
}

async fn emptied(case: &Case) {
    eventually("the inbox is empty", async || {
        (case.depths().await.inbox == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_accepted_and_a_faulty_one_is_rejected_with_the_reason() {
    let case = Case::start().await;
    let good = json!({"kind": "bvn", "bvn": number(1), "reference": "from-inbox"}).to_string();
    let wrong = json!({"kind": "bvn", "bvn": "9999"}).to_string();
    case.queue.post(&good).await.unwrap();
    let entry = case.queue.post(&wrong).await.unwrap();
    let reading = read(&case.queue, "reader");
    emptied(&case).await;
    let mut raw = case.raw().await;
    // No field `job` at all.
    let _: () = redis::cmd("XADD")
        .arg(case.key("inbox"))
        .arg(&["*", "jb", "x"])
        .query_async(&mut raw)
        .await
        .unwrap();
    emptied(&case).await;
    let rejected = case.queue.rejected(10).await.unwrap();
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert_eq!(rejected[0].field, "job");
    assert_eq!(
        (rejected[1].entry.as_str(), rejected[1].field.as_str()),
        (entry.as_str(), "bvn")
    );
    assert!(!rejected[1].faults.contains("9999") && !rejected[1].remedy.is_empty());
    let kept = case.queue.rejected_job(&entry).await.unwrap().unwrap();
    assert_eq!(*kept, wrong.as_bytes());
    assert!(case.queue.rejected_job("1-1").await.unwrap().is_none());

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    eventually("it is done", async || {
        (case.depths().await.completed == 1).then_some(())
    })
    .await;
    assert_eq!(case.published().await[0].reference, "from-inbox");
    worker.stop().await;
    reading.abort();
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_job_is_a_reason_and_the_same_job_is_one() {
    let case = Case::start().await;
    let job = |nth| json!({"kind": "bvn", "bvn": number(nth), "idempotency_key": "k"}).to_string();
    for nth in [1, 1, 2] {
        case.queue.post(&job(nth)).await.unwrap();
    }
    let reading = read(&case.queue, "reader");
    emptied(&case).await;
    let rejected = case.queue.rejected(10).await.unwrap();
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    assert_eq!(rejected[0].field, "idempotency_key");
    assert_eq!(case.depths().await.ready["bvn"], 1);
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readers_accept_every_entry_once() {
    let case = Case::start().await;
    let other = case.another_queue().await;
    let readers = [
        read(&case.queue, "a"),
        read(&other, "b"),
        // Two pods of one name see each other's entries.
        read(&other, "a"),
    ];
    let queue = Arc::new(case.queue.clone());
    for nth in 0..400 {
        let job = json!({"kind": "nin", "nin": number(nth)}).to_string();
        queue.post(&job).await.unwrap();
    }
    emptied(&case).await;
    assert_eq!(case.depths().await.ready["nin"], 400);
    assert!(case.queue.rejected(10).await.unwrap().is_empty());
    for reader in readers {
        reader.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_pod_had_read_is_taken_over() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let key = case.key("inbox");
    let _: () = raw.xgroup_create_mkstream(&key, "pods", "0").await.unwrap();
    for nth in 0..3 {
        let job = json!({"kind": "bvn", "bvn": number(nth)}).to_string();
        case.queue.post(&job).await.unwrap();
    }
    // A pod reads them and dies; half a minute passes.
    let read_by: StreamReadReply = redis::cmd("XREADGROUP")
        .arg(&["GROUP", "pods", "dead", "STREAMS", &key, ">"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let ids: Vec<_> = read_by.keys[0]
        .ids
        .iter()
        .map(|entry| entry.id.clone())
        .collect();
    assert_eq!(ids.len(), 3);
    let reading = read(&case.queue, "alive");
    let _: () = redis::cmd("XCLAIM")
        .arg(&[&key, "pods", "dead", "0"])
        .arg(&ids)
        .arg(&["IDLE", "31000"])
        .query_async(&mut raw)
        .await
        .unwrap();
    emptied(&case).await;
    assert_eq!(case.depths().await.ready["bvn"], 3);
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_outlives_the_loss_of_everything() {
    let case = Case::start().await;
    let reading = read(&case.queue, "reader");
    let job = |nth| json!({"kind": "bvn", "bvn": number(nth)}).to_string();
    case.queue.post(&job(1)).await.unwrap();
    emptied(&case).await;
    let mut raw = case.raw().await;
    let _: () = raw.del(case.key("inbox")).await.unwrap();
    case.queue.post(&job(2)).await.unwrap();
    emptied(&case).await;
    assert_eq!(case.depths().await.ready["bvn"], 2);
    reading.abort();
}
