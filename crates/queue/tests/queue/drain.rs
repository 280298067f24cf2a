//! A worker that is told to stop: it finishes what it can, and hands back the rest.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use kyc_domain::Policy;
use kyc_queue::State;
use serde_json::json;

use crate::support::{
    Case, eventually, found, handler, policy, request, start, start_with, worker, worker_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_and_nothing_more_is_begun() {
    let case = Case::start().await;
    let begun = Arc::new(AtomicU32::new(0));
    let slow = {
        let begun = Arc::clone(&begun);
        handler(move |_| {
            begun.fetch_add(1, SeqCst);
            async {
                tokio::time::sleep(Duration::from_millis(900)).await;
                Ok(found(0, 0))
            }
        })
    };
    // The lease is shorter than the draining: it must be prolonged meanwhile.
    let config = kyc_queue::WorkerConfig {
        lease: Duration::from_millis(500),
        ..worker_of("one", 4, &["bvn"])
    };
    let worker = start(&case.queue, config, slow);
    let jobs: Vec<_> = (0..10).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    eventually("four run", async || (begun.load(SeqCst) == 4).then_some(())).await;
    worker.stop().await;
    let depths = case.depths().await;
    assert_eq!(
        (depths.completed, depths.running, depths.ready["bvn"]),
        (4, 0, 6)
    );
    assert_eq!(begun.load(SeqCst), 4);
    let next = start(
        &case.queue,
        worker_of("two", 10, &["bvn"]),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    for accepted in accepted {
        assert_eq!(case.completed(accepted.unwrap().id).await.stalls, 0);
    }
    next.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_in_time_is_handed_back_at_once_and_keeps_its_attempts() {
    let case = Case::start().await;
    let sent = Arc::new(AtomicU32::new(0));
    let hanging = {
        let sent = Arc::clone(&sent);
        handler(move |job| {
            let sent = Arc::clone(&sent);
            async move {
                job.into_leave().slot().unwrap().spend().await.unwrap();
                sent.fetch_add(1, SeqCst);
                std::future::pending().await
            }
        })
    };
    let decide = policy(Policy::default(), Duration::from_millis(1));
    let grace = Duration::from_millis(200);
    let worker_one = start_with(&case.queue, worker("one"), hanging, decide, grace);
    let jobs: Vec<_> = (0..6).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    eventually("all are sent", async || {
        (sent.load(SeqCst) == 6).then_some(())
    })
    .await;
    let stopping = Instant::now();
    worker_one.stop().await;
    assert!(stopping.elapsed() >= grace);
    let depths = case.depths().await;
    assert_eq!((depths.running, depths.ready["bvn"]), (0, 6));
    let next = start(
        &case.queue,
        worker("two"),
        handler(|job| async move {
            assert_eq!(job.attempt(), 1);
            Ok(found(job.calls_before(), job.unanswered_before()))
        }),
    );
    for accepted in accepted {
        let id = accepted.unwrap().id;
        let done = case.completed(id).await;
        assert_eq!(
            (done.state, done.attempts, done.stalls),
            (State::Completed, 1, 0)
        );
        // Its call may have been sent.
        assert_eq!((done.calls, done.unanswered_calls), (2, 1));
    }
    next.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_stops_at_once() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    let accepted = case.enqueue(&request("bvn", 1, json!({}))).await;
    case.completed(accepted.id).await;
    let stopping = Instant::now();
    worker.stop().await;
    assert!(
        stopping.elapsed() < Duration::from_secs(2),
        "{:?}",
        stopping.elapsed()
    );
    case.done().await;
}
