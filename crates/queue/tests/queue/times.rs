//! When jobs run: not before their time, at once when they may, and not after their deadline.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::Class;
use serde_json::json;
use tokio::sync::mpsc;

use crate::support::{Case, Running, failed, found, handler, request, start, transient, worker};

/// A worker that tells when each job began, in milliseconds since 1970.
fn telling(case: &Case) -> (Running, mpsc::UnboundedReceiver<i64>) {
    let (tell, told) = mpsc::unbounded_channel();
    let handler = handler(move |_| {
        tell.send(Timestamp::now().as_millisecond()).unwrap();
        async { Ok(found(0, 0)) }
    });
    (start(&case.queue, worker("one"), handler), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_begins_neither_before_its_time_nor_a_poll_after_it() {
    let case = Case::start().await;
    let (worker, mut told) = telling(&case);
    let first = case.enqueue(&request("bvn", 0, json!({}))).await;
    case.completed(first.id).await;
    told.recv().await.unwrap();
    for nth in 1..4 {
        let due = Timestamp::now() + Duration::from_millis(120 + 37 * nth);
        let job = request("bvn", nth as usize, json!({"not_before": due.to_string()}));
        let accepted = case.enqueue(&job).await;
        let known = case.look(accepted.id).await.waiting.unwrap();
        assert_eq!(known.why, "not_before");
        assert_eq!(known.until.unwrap().as_millisecond(), due.as_millisecond());
        let late = told.recv().await.unwrap() - due.as_millisecond();
        // An idle worker looks once a second by itself: it has to be told of the new time.
        assert!((0..600).contains(&late), "{late} ms late");
        case.completed(accepted.id).await;
    }
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_is_woken_and_does_not_poll() {
    let case = Case::start().await;
    let (worker, mut told) = telling(&case);
    let mut slowest = 0;
    for nth in 0..6 {
        let enqueued = Timestamp::now().as_millisecond();
        let accepted = case.enqueue(&request("bvn", nth, json!({}))).await;
        let waited = told.recv().await.unwrap() - enqueued;
        case.completed(accepted.id).await;
        // The first may come before the worker listens.
        if nth > 0 {
            slowest = slowest.max(waited);
        }
        // Idle for a time that is no part of a second, so that polling would be late on average.
        tokio::time::sleep(Duration::from_millis(130)).await;
    }
    assert!(slowest < 450, "{slowest} ms");
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_behind_the_deadline_is_the_last() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|job| async move {
            assert!(job.deadline_ms().is_some());
            // What the pipeline does with a job that comes too late, and what comes of any other failure.
            let class = if job.kind() == "bvn" {
                Class::Hopeless
            } else {
                Class::Transient
            };
            let failure = failed(class);
            if job.kind() == "nin" {
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
            Err(failure)
        }),
    );
    let soon = |ms| (Timestamp::now() + Duration::from_millis(ms)).to_string();
    let passed = Timestamp::now() - Duration::from_secs(60);
    let jobs = [
        (
            0,
            request("bvn", 1, json!({"deadline": passed.to_string()})),
        ),
        (1, request("nin", 1, json!({"deadline": soon(300)}))),
    ];
    for (attempts, job) in jobs {
        let accepted = case.enqueue(&job).await;
        let dead = case.dead(accepted.id).await;
        assert_eq!(dead.code.as_deref(), Some("deadline_passed"));
        assert_eq!(dead.attempts, attempts);
    }
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_would_come_behind_the_deadline_is_not_made() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Err(transient()) }),
    );
    let deadline = Timestamp::now() + Duration::from_millis(90);
    let job = request(
        "bvn",
        1,
        json!({"deadline": deadline.to_string(), "max_attempts": 100}),
    );
    let dead = case.dead(case.enqueue(&job).await.id).await;
    assert_eq!(dead.code.as_deref(), Some("deadline_passed"));
    assert!(dead.finished_at.unwrap() <= deadline + Duration::from_secs(2));
    worker.stop().await;
    case.done().await;
}
