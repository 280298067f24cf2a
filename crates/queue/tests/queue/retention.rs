//! What is finished is kept for a time, and then goes in small steps.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::Class;
use kyc_queue::WorkerConfig;
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::SHORT,
    support::{Case, Handler, eventually, failed, found, handler, request, start, worker},
};

#[tokio::test(flavor = "multi_thread")]
async fn finished_jobs_and_their_keys_go_when_their_time_is_over() {
    let brief = |config: &mut kyc_queue::Config| {
        config.keep_completed = Duration::from_millis(700);
        config.keep_dead = Duration::from_millis(1500);
    };
    let case = Case::with(brief, Options::default()).await;
    let config = WorkerConfig {
        lease: SHORT,
        ..worker("one")
    };
    let worker = start(
        &case.queue,
        config,
        handler(|job| async move {
            if job.kind() == "bvn" {
                Ok(found(0, 0))
            } else {
                Err(failed(Class::Hopeless))
            }
        }),
    );
    let jobs = ["bvn", "nin"].map(|kind| request(kind, 1, json!({"idempotency_key": kind})));
    let mut ids = Vec::new();
    for job in &jobs {
        ids.push(case.enqueue(job).await.id);
    }
    for (job, id) in jobs.iter().zip(&ids) {
        case.ended(*id).await;
        let again = case.enqueue(job).await;
        assert_eq!((again.id, again.existing), (*id, true));
    }
    for id in &ids {
        eventually("it is forgotten", async || {
            case.queue.look(*id).await.unwrap().is_none().then_some(())
        })
        .await;
    }
    let depths = case.depths().await;
    assert_eq!((depths.completed, depths.dead), (0, 0));
    let mut raw = case.raw().await;
    eventually("the keys are gone", async || {
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg(case.key("idempotency:*"))
            .query_async(&mut raw.clone())
            .await
            .unwrap();
        keys.is_empty().then_some(())
    })
    .await;
    let anew = case.enqueue(&jobs[0]).await;
    assert!(!anew.existing);
    eventually("it is forgotten too", async || {
        case.queue
            .look(anew.id)
            .await
            .unwrap()
            .is_none()
            .then_some(())
    })
    .await;
    worker.stop().await;
    let left: Vec<String> = redis::cmd("KEYS")
        .arg(case.key("job:*"))
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
    case.done().await;
}

/// With a shorter retention jobs end before their idempotency keys, which must not answer for jobs that are gone.
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_is_free_again_when_a_shorter_retention_deletes_its_job() {
    let mut case = Case::start().await;
    let one = start(&case.queue, worker("one"), answers());
    let job = request("bvn", 1, json!({"idempotency_key": "loan-5"}));
    let first = case.enqueue(&job).await.id;
    case.completed(first).await;
    one.stop().await;
    case.config.keep_completed = Duration::from_millis(1);
    let queue = case.another_queue().await;
    let two = start(&queue, brief("two"), answers());
    eventually("it is deleted", async || {
        queue.look(first).await.unwrap().is_none().then_some(())
    })
    .await;
    two.stop().await;
    let mut raw = case.raw().await;
    let keys: Vec<String> = raw.keys(case.key("idempotency:*")).await.unwrap();
    assert!(keys.is_empty(), "{keys:?}");
    let anew = case.enqueue(&job).await;
    assert!(!anew.existing && anew.id != first, "{anew:?}");
    case.queue.cancel(anew.id).await.unwrap();
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_without_a_job_refuses_no_job() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let keyed = |nth| request("bvn", nth, json!({"idempotency_key": "loan-5"}));
    let first = case.enqueue(&keyed(1)).await.id;
    let gone: usize = raw.del(case.key(&format!("job:{first}"))).await.unwrap();
    assert_eq!(gone, 1);
    let same = case.enqueue(&keyed(1)).await;
    assert!(!same.existing && same.id != first, "{same:?}");
    let _: usize = raw
        .del(case.key(&format!("job:{}", same.id)))
        .await
        .unwrap();
    let other = case.enqueue(&keyed(2)).await;
    assert!(!other.existing, "nor is another body a conflict: {other:?}");
    let again = case.enqueue(&keyed(2)).await;
    assert_eq!((again.id, again.existing), (other.id, true));
}

fn answers() -> Handler {
    handler(|job| async move { Ok(found(job.calls_before(), 0)) })
}

fn brief(name: &str) -> WorkerConfig {
    WorkerConfig {
        lease: SHORT,
        ..worker(name)
    }
}

/// After a weekend without workers a great many jobs are due to be dropped: leases come first.
#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_great_many_does_not_hold_up_the_renewal_of_leases() {
    const OLD: usize = 60_000;
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let key = case.key("completed");
    for chunk in 0..OLD / 1000 {
        let mut add = redis::cmd("ZADD");
        add.arg(&key);
        for nth in 0..1000 {
            add.arg(1).arg(format!("old-{}", chunk * 1000 + nth));
        }
        let _: () = add.query_async(&mut raw).await.unwrap();
    }
    let config = WorkerConfig {
        lease: SHORT,
        ..worker("one")
    };
    let slow = handler(|job| async move {
        tokio::time::sleep(SHORT * 3).await;
        Ok(found(job.calls_before(), 0))
    });
    let one = start(&case.queue, config.clone(), slow);
    let accepted = case.enqueue(&request("bvn", 1, json!({}))).await;
    let done = case.completed(accepted.id).await;
    assert_eq!(
        done.stalls, 0,
        "the lease was not prolonged: {:?}",
        done.history
    );
    let dropping = Timestamp::now();
    eventually("the old ones are dropped", async || {
        (case.depths().await.completed <= 1).then_some(())
    })
    .await;
    println!("dropped the rest in {:.1}", Timestamp::now() - dropping);
    one.stop().await;
    let _: usize = raw.zcard(&key).await.unwrap();
    case.done().await;
}
