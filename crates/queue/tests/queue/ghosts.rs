//! What people do by hand: jobs deleted or damaged behind the queue's back.

use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::short,
    support::{Case, eventually, found, handler, request, start, worker},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_without_a_job_does_no_harm_wherever_it_stands() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let gone = "01J9ZQ3V5T8Y6K2M4N7P0R1S2T";
    let _: () = raw
        .zadd(case.key("ready:bvn:normal"), gone, 0)
        .await
        .unwrap();
    let _: () = raw
        .zadd(case.key("ready:bvn:normal"), "no-id", 1)
        .await
        .unwrap();
    let _: () = raw
        .zadd(case.key("scheduled"), "01J9ZQ3V5T8Y6K2M4N7P0R1S2A", 1)
        .await
        .unwrap();
    for nth in 0..3 {
        let id = format!("01J9ZQ3V5T8Y6K2M4N7P0R1S3{nth}");
        let _: () = raw.zadd(case.key("deadlines"), id, nth).await.unwrap();
    }
    let jobs: Vec<_> = (0..20).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    for accepted in accepted {
        case.completed(accepted.unwrap().id).await;
    }
    eventually("the ghosts are gone", async || {
        let depths = case.depths().await;
        (depths.running + depths.scheduled + depths.ready["bvn"] == 0).then_some(())
    })
    .await;
    let jobs: Vec<String> = redis::cmd("KEYS")
        .arg(case.key("job:*"))
        .query_async(&mut raw)
        .await
        .unwrap();
    assert_eq!(jobs.len(), 20, "a ghost was given a body: {jobs:?}");
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_that_is_deleted_ends_without_a_trace() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let worker = start(
        &case.queue,
        short("one"),
        handler(|job| async move {
            if job.tenant() == "doomed" {
                std::future::pending::<()>().await;
            }
            Ok(found(0, 0))
        }),
    );
    let doomed = case
        .enqueue(&request("bvn", 1, json!({"tenant": "doomed"})))
        .await;
    eventually("it runs", async || {
        (case.depths().await.running == 1).then_some(())
    })
    .await;
    let _: () = raw
        .del(case.key(&format!("job:{}", doomed.id)))
        .await
        .unwrap();
    eventually("its lease is gone", async || {
        (case.depths().await.running == 0).then_some(())
    })
    .await;
    let next = case.enqueue(&request("bvn", 2, json!({}))).await;
    case.completed(next.id).await;
    assert!(case.queue.look(doomed.id).await.unwrap().is_none());
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_read_does_not_hold_up_its_neighbours() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let jobs: Vec<_> = (0..6).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let ids: Vec<_> = accepted
        .into_iter()
        .map(|accepted| accepted.unwrap().id)
        .collect();
    let damaged = case.key(&format!("job:{}", ids[2]));
    let header = r#"{"kind":"bvn","priority":"normal","tenant":"default","number":1}"#;
    let _: () = raw.hset(&damaged, "header", header).await.unwrap();
    let worker = start(
        &case.queue,
        short("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    for (nth, id) in ids.iter().enumerate() {
        if nth == 2 {
            eventually("it is dead", async || {
                let progress: String = raw.clone().hget(&damaged, "progress").await.ok()?;
                let dead = progress.contains(r#""state":"dead""#);
                (dead && progress.contains(r#""code":"stalled""#)).then_some(())
            })
            .await;
        } else {
            assert_eq!(case.completed(*id).await.stalls, 0);
        }
    }
    worker.stop().await;
    case.done().await;
}

/// Whatever a worker does with it then, it ends where people see it.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_can_no_longer_be_read_when_it_fails_does_not_vanish() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let go_on = std::sync::Arc::new(tokio::sync::Notify::new());
    let failing = {
        let go_on = std::sync::Arc::clone(&go_on);
        handler(move |_| {
            let go_on = std::sync::Arc::clone(&go_on);
            async move {
                go_on.notified().await;
                Err(crate::support::transient())
            }
        })
    };
    let worker = start(&case.queue, short("one"), failing);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    eventually("it runs", async || {
        (case.depths().await.running == 1).then_some(())
    })
    .await;
    let job = case.key(&format!("job:{id}"));
    let _: () = raw.hset(&job, "header", "damaged").await.unwrap();
    go_on.notify_one();
    eventually("it is dead", async || {
        let dead: Option<i64> = raw
            .clone()
            .zscore(case.key("dead"), id.to_string())
            .await
            .unwrap();
        dead
    })
    .await;
    assert_eq!(case.depths().await.running, 0);
    worker.stop().await;
    case.done().await;
}
