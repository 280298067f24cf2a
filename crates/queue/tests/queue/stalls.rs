//! Jobs that take their workers down with them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use kyc_domain::Policy;
use kyc_queue::{State, WorkerConfig};
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    leases::{SHORT, on_a_thread, short},
    support::{Case, found, handler, policy, request, start, start_with},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_stalls_its_workers_dies_alone() {
    let case = Case::start().await;
    let stalled = Arc::new(AtomicU32::new(0));
    let handler = {
        let stalled = Arc::clone(&stalled);
        handler(move |job| {
            let (stalled, poison) = (Arc::clone(&stalled), job.tenant() == "poison");
            let (calls, unanswered) = (job.calls_before(), job.unanswered_before());
            async move {
                // The neighbours are under way, too, when the thread hangs.
                tokio::time::sleep(Duration::from_millis(60)).await;
                if poison {
                    stalled.fetch_add(1, SeqCst);
                    thread::sleep(SHORT * 2);
                }
                tokio::time::sleep(Duration::from_millis(60)).await;
                Ok(found(calls, unanswered))
            }
        })
    };
    let mut jobs = vec![request("bvn", 0, json!({"tenant": "poison"}))];
    jobs.extend((1..6).map(|nth| request("bvn", nth, json!({}))));
    let accepted = case.queue.enqueue_all(&jobs).await;
    let config = |name| WorkerConfig {
        max_stalls: 1,
        ..short(name)
    };
    // While two of them hang the third is heard: after a silence of all, Redis would give them time.
    let workers =
        ["one", "two", "three"].map(|name| on_a_thread(&case, config(name), Arc::clone(&handler)));
    for (nth, accepted) in accepted.into_iter().enumerate() {
        let ended = case.ended(accepted.unwrap().id).await;
        if nth == 0 {
            assert_eq!(
                (ended.state, ended.code.as_deref()),
                (State::Dead, Some("stalled")),
                "{ended:?}"
            );
            assert_eq!(
                (ended.stalls, ended.attempts, ended.unanswered_calls),
                (2, 0, 2)
            );
        } else {
            assert_eq!(
                ended.state,
                State::Completed,
                "a neighbour died too: {ended:?}"
            );
        }
    }
    assert_eq!(stalled.load(SeqCst), 2);
    for (stop, thread) in workers {
        drop(stop);
        tokio::task::spawn_blocking(|| thread.join())
            .await
            .unwrap()
            .unwrap();
    }
    case.done().await;
}

/// Whoever was there twice when a worker died waits apart, however it comes back: handed back by a worker that stops, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_quarantined_that_is_handed_back_stays_a_quarantined() {
    let case = Case::start().await;
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let others = ["one", "two"].map(|name| {
        let queue = case.another_queue();
        async move { (queue.await, name) }
    });
    for other in others {
        let (queue, name) = other.await;
        let begun = Arc::new(Notify::new());
        let hanging = {
            let begun = Arc::clone(&begun);
            handler(move |_| {
                begun.notify_one();
                std::future::pending()
            })
        };
        let worker = start(&queue, short(name), hanging);
        begun.notified().await;
        worker.crash();
    }
    let begun = Arc::new(Notify::new());
    let slow = {
        let begun = Arc::clone(&begun);
        handler(move |_| {
            begun.notify_one();
            std::future::pending()
        })
    };
    let decide = policy(Policy::default(), Duration::from_millis(20));
    let third = start_with(&case.queue, short("three"), slow, decide, Duration::ZERO);
    begun.notified().await;
    assert_eq!(case.look(id).await.stalls, 2);
    third.stop().await;
    let mut raw = case.raw().await;
    let apart: Vec<String> = raw
        .zrange(case.key("ready:bvn:quarantined"), 0, -1)
        .await
        .unwrap();
    assert_eq!(apart, [id.to_string()]);
    let last = start(
        &case.queue,
        short("four"),
        handler(|_| async { Ok(found(3, 3)) }),
    );
    case.completed(id).await;
    last.stop().await;
    case.done().await;
}
