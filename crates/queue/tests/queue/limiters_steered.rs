//! Limiters and people: limits set again, pauses on top of pauses, and what resuming lets go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{Class, Policy};
use kyc_queue::{Circuit, Daily, Limits, WorkerConfig};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{
    Case, Running, eventually, failed, found, handler, policy, request, start, start_with,
    transient, worker,
};

fn limits(rate: &str) -> Limits {
    Limits {
        rate: Some(rate.parse().unwrap()),
        ..Limits::default()
    }
}

async fn enqueue(case: &Case, kind: &str, from: usize, count: usize) {
    let jobs: Vec<_> = (from..from + count)
        .map(|nth| request(kind, nth, json!({})))
        .collect();
    for accepted in case.queue.enqueue_all(&jobs).await {
        accepted.unwrap();
    }
}

async fn completed(case: &Case, count: u64) {
    eventually("they are done", async || {
        (case.depths().await.completed == count).then_some(())
    })
    .await;
}

/// A worker that finds every record.
fn answering(case: &Case) -> Running {
    let found = handler(|_| async { Ok(found(0, 0)) });
    start(&case.queue, worker("one"), found)
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_the_same_limit_again_lets_nothing_more_through() {
    let case = Case::start().await;
    let slow = limits("1/h");
    case.queue.set_limits("bvn", &slow).await.unwrap();
    enqueue(&case, "bvn", 0, 20).await;
    let worker = answering(&case);
    completed(&case, 1).await;
    for calls in 1..5 {
        case.queue.set_limits("bvn", &slow).await.unwrap();
        case.queue
            .set_limits(
                "bvn",
                &Limits {
                    in_flight: Some(calls),
                    ..slow.clone()
                },
            )
            .await
            .unwrap();
    }
    // Another rate keeps its own distance from the last call.
    case.queue.set_limits("bvn", &limits("2/h")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(case.depths().await.completed, 1);
    case.queue
        .set_limits("bvn", &Limits::default())
        .await
        .unwrap();
    completed(&case, 20).await;
    worker.stop().await;
    case.done().await;
}

/// What a burst of the old limit had reached does not hold the new one up.
#[tokio::test(flavor = "multi_thread")]
async fn a_raised_limit_holds_at_once_also_after_a_burst() {
    let case = Case::start().await;
    let mut slow = limits("6/m");
    slow.rate.as_mut().unwrap().burst = 6;
    case.queue.set_limits("bvn", &slow).await.unwrap();
    enqueue(&case, "bvn", 0, 20).await;
    let worker = answering(&case);
    completed(&case, 6).await;
    case.queue.set_limits("bvn", &limits("10/s")).await.unwrap();
    // Ten seconds a call, at the old rate.
    completed(&case, 20).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_a_day_that_is_over_are_none_of_a_new_quota() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let yesterday = jiff::Timestamp::now().as_millisecond() - 3_600_000;
    let limiter = case.key("limiter:bvn");
    let _: () = raw
        .hset_multiple(&limiter, &[("used", 5), ("day_to", yesterday)])
        .await
        .unwrap();
    let quota = Limits {
        daily: Some(Daily {
            calls: 6,
            zone: "Africa/Lagos".to_owned(),
        }),
        ..Limits::default()
    };
    case.queue.set_limits("bvn", &quota).await.unwrap();
    enqueue(&case, "bvn", 0, 7).await;
    let worker = answering(&case);
    completed(&case, 6).await;
    let standing = case.queue.limiters(&["bvn"]).await.unwrap();
    assert_eq!((standing[0].used_today, standing[0].waiting), (6, 1));
    case.queue
        .set_limits("bvn", &Limits::default())
        .await
        .unwrap();
    completed(&case, 7).await;
    worker.stop().await;
    case.done().await;
}

/// A person pauses; then the answer of a call under way says more. Resuming lifts only what the person did.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_by_hand_hides_no_other() {
    let case = Case::start().await;
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let paused = Arc::new(tokio::sync::Notify::new());
    let go_on = Arc::clone(&paused);
    let handler = handler(move |job| {
        let (first, go_on) = (counted.fetch_add(1, SeqCst) == 0, Arc::clone(&go_on));
        async move {
            if first {
                go_on.notified().await;
                return Err(failed(Class::Key));
            }
            Ok(found(job.calls_before(), 0))
        }
    });
    let worker = start(&case.queue, worker("one"), handler);
    enqueue(&case, "bvn", 0, 1).await;
    eventually("it runs", async || (asked.load(SeqCst) == 1).then_some(())).await;
    case.queue.pause("bvn").await.unwrap();
    enqueue(&case, "bvn", 1, 5).await;
    paused.notify_one();
    eventually("it is ready again", async || {
        (case.depths().await.ready["bvn"] == 6).then_some(())
    })
    .await;
    let why = async || {
        case.queue
            .parked(&["bvn"])
            .await
            .unwrap()
            .pop()
            .map(|parked| parked.reason)
    };
    assert_eq!(why().await.as_deref(), Some("paused"));
    assert_eq!(
        case.queue.resume("bvn").await.unwrap().as_deref(),
        Some("paused")
    );
    assert_eq!(why().await.as_deref(), Some("key_refused"));
    assert_eq!(asked.load(SeqCst), 1, "nothing was sent");
    assert_eq!(
        case.queue.resume("bvn").await.unwrap().as_deref(),
        Some("key_refused")
    );
    completed(&case, 6).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_an_open_circuit_lets_the_jobs_go_that_it_spared() {
    let case = Case::start().await;
    let up = Arc::new(AtomicU32::new(0));
    let is_up = Arc::clone(&up);
    let handler = handler(move |job| {
        let up = is_up.load(SeqCst) == 1;
        async move {
            if up {
                Ok(found(job.calls_before(), 0))
            } else {
                Err(transient())
            }
        }
    });
    let config = WorkerConfig {
        circuit: Circuit {
            first_pause: Duration::from_secs(3600),
            longest_pause: Duration::from_secs(3600),
            ..Circuit::default()
        },
        ..worker("one")
    };
    let decide = policy(Policy::default(), Duration::from_millis(5));
    let worker = start_with(&case.queue, config, handler, decide, Duration::from_secs(5));
    enqueue(&case, "bvn", 0, 20).await;
    eventually("all wait behind the open circuit", async || {
        let depths = case.depths().await;
        let parked = case.queue.parked(&["bvn"]).await.unwrap();
        (depths.running + depths.scheduled == 0 && parked.len() == 1).then_some(())
    })
    .await;
    up.store(1, SeqCst);
    case.queue.resume("bvn").await.unwrap();
    completed(&case, 20).await;
    worker.stop().await;
    case.done().await;
}

/// A kind without a rate has a backlog, and one with a rate too: neither waits for the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_kind_without_a_limit_takes_nothing_from_one_that_has_one() {
    let case = Case::start().await;
    case.queue.set_limits("nin", &limits("50/s")).await.unwrap();
    enqueue(&case, "bvn", 0, 3000).await;
    enqueue(&case, "nin", 0, 40).await;
    let handler = handler(|job| async move {
        if job.kind() == "bvn" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(found(0, 0))
    });
    let worker = start(&case.queue, worker("one"), handler);
    let left = eventually("the limited ones are done", async || {
        let depths = case.depths().await;
        (depths.ready["nin"] == 0).then_some(depths.ready["bvn"])
    })
    .await;
    // At 50 a second they take 800 ms, in which eight places do 640 of the others, or fewer.
    assert!(left > 1800, "they waited for the others: {left}");
    completed(&case, 3040).await;
    worker.stop().await;
    case.done().await;
}
