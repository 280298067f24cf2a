//! Jobs that take their workers down with them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use kyc_queue::{State, WorkerConfig};
use serde_json::json;

use crate::{
    leases::{SHORT, on_a_thread, short},
    support::{Case, found, handler, request},
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
    let workers = ["one", "two"].map(|name| on_a_thread(&case, config(name), Arc::clone(&handler)));
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
