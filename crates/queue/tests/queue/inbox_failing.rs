//! Trouble while entries of the inbox are taken: theirs, or ours. None is lost by it, and none holds up another.

use std::time::Duration;

use kyc_kinds::{Rules, parse};
use kyc_queue::{Inbox, Queue};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{Case, eventually, number, request};

fn read(queue: &Queue, first_pause: Duration) -> JoinHandle<()> {
    let inbox = Inbox::new(queue.clone(), "reader", |job: &[u8]| {
        let fails = String::from_utf8_lossy(job).contains("panic");
        assert!(!fails, "our code fails on it");
        parse(job, Rules::default())
    })
    .pausing(first_pause);
    tokio::spawn(async move { inbox.run().await })
}

fn job(nth: usize, more: &serde_json::Value) -> String {
    let mut job = json!({"kind": "bvn", "bvn": number(nth)});
    job.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    job.to_string()
}

async fn post(case: &Case, count: usize) {
    for nth in 0..count {
        case.queue.post(&job(nth, &json!({}))).await.unwrap();
    }
}

async fn accepted(case: &Case, count: u64) {
    eventually("the good ones are accepted", async || {
        (case.depths().await.ready.get("bvn") == Some(&count)).then_some(())
    })
    .await;
}

/// Makes what Redis knows of that idempotency key something that no script can read; answers the name.
async fn damage(case: &Case, raw: &mut MultiplexedConnection, key: &str) -> String {
    let before: Vec<String> = raw.keys(case.key("idempotency:*")).await.unwrap();
    let known = request("nin", 900, json!({"idempotency_key": key}));
    case.enqueue(&known).await;
    let now: Vec<String> = raw.keys(case.key("idempotency:*")).await.unwrap();
    let name = now.into_iter().find(|name| !before.contains(name)).unwrap();
    let _: () = raw.del(&name).await.unwrap();
    let _: () = raw.rpush(&name, "no text").await.unwrap();
    name
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_can_not_be_taken_holds_up_none_and_is_kept() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    damage(&case, &mut raw, "damaged").await;
    let bad = job(901, &json!({"idempotency_key": "damaged"}));
    let panics = job(902, &json!({"reference": "panic"}));
    let entries = [
        case.queue.post(&bad).await.unwrap(),
        case.queue.post(&panics).await.unwrap(),
    ];
    post(&case, 20).await;
    let reading = read(&case.queue, Duration::from_millis(20));
    accepted(&case, 20).await;
    eventually("the bad ones are rejected", async || {
        (case.depths().await.inbox == 0).then_some(())
    })
    .await;
    let rejected = case.queue.rejected(10).await.unwrap();
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    for (entry, sent) in entries.iter().zip([bad, panics]) {
        let told = rejected.iter().find(|told| told.entry == *entry).unwrap();
        assert!(
            told.is_retained && told.problem.contains("8 times"),
            "{told:?}"
        );
        let kept = case.queue.rejected_job(entry).await.unwrap().unwrap();
        assert_eq!(*kept, sent.as_bytes());
    }
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_taken_after_all_is_taken() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let name = damage(&case, &mut raw, "damaged").await;
    let bad = job(901, &json!({"idempotency_key": "damaged"}));
    case.queue.post(&bad).await.unwrap();
    post(&case, 3).await;
    let reading = read(&case.queue, Duration::from_millis(200));
    accepted(&case, 3).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let _: () = raw.del(name).await.unwrap();
    accepted(&case, 4).await;
    assert!(case.queue.rejected(10).await.unwrap().is_empty());
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_ours_is_no_fault_of_an_entry() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let (id, key) = (case.key("index-id"), case.key("index-key"));
    let known: (Vec<u8>, Vec<u8>) = raw.mget(&[&id, &key]).await.unwrap();
    // Entries can be read, and no job accepted: nobody can seal for this queue.
    let _: () = raw
        .mset(&[(&id, "another"), (&key, "no key")])
        .await
        .unwrap();
    post(&case, 40).await;
    // Some were read before by one of the same name.
    let inbox = case.key("inbox");
    let _: () = raw
        .xgroup_create_mkstream(&inbox, "pods", "0")
        .await
        .unwrap();
    let _: redis::Value = redis::cmd("XREADGROUP")
        .arg(&[
            "GROUP", "pods", "reader", "COUNT", "20", "STREAMS", &inbox, ">",
        ])
        .query_async(&mut raw)
        .await
        .unwrap();
    let reading = read(&case.queue, Duration::from_millis(20));
    // More often than an entry is given out.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(case.depths().await.inbox, 40);
    let _: () = raw.mset(&[(&id, known.0), (&key, known.1)]).await.unwrap();
    accepted(&case, 40).await;
    assert!(case.queue.rejected(10).await.unwrap().is_empty());
    assert_eq!(case.depths().await.inbox, 0);
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_brought_readers_down_the_one_is_set_aside_that_was_read() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let key = case.key("inbox");
    let _: () = raw.xgroup_create_mkstream(&key, "pods", "0").await.unwrap();
    post(&case, 20).await;
    let _: redis::Value = redis::cmd("XREADGROUP")
        .arg(&["GROUP", "pods", "dead", "STREAMS", &key, ">"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let pending: redis::streams::StreamPendingCountReply = raw
        .xpending_count(&key, "pods", "-", "+", 100)
        .await
        .unwrap();
    let ids: Vec<String> = pending.ids.into_iter().map(|entry| entry.id).collect();
    let mut claim = async |ids: &[String], times: &str| {
        redis::cmd("XCLAIM")
            .arg(&[&key, "pods", "dead", "0"])
            .arg(ids)
            .arg(&["IDLE", "31000", "RETRYCOUNT", times, "JUSTID"])
            .exec_async(&mut raw)
            .await
            .unwrap();
    };
    claim(&ids[..4], "10").await;
    claim(&ids[4..5], "11").await;
    claim(&ids[5..], "1").await;
    let reading = read(&case.queue, Duration::from_millis(20));
    eventually("the inbox is empty", async || {
        (case.depths().await.inbox == 0).then_some(())
    })
    .await;
    let rejected = case.queue.rejected(100).await.unwrap();
    let told: Vec<&str> = rejected.iter().map(|told| told.entry.as_str()).collect();
    let mut expected: Vec<&str> = ids[..5].iter().map(String::as_str).collect();
    expected.reverse();
    assert_eq!(told, expected, "{rejected:?}");
    for (nth, id) in ids[..5].iter().enumerate() {
        let kept = case.queue.rejected_job(id).await.unwrap().unwrap();
        assert_eq!(*kept, job(nth, &json!({})).as_bytes());
    }
    assert_eq!(case.depths().await.ready["bvn"], 15);
    reading.abort();
}
