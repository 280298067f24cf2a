//! An answer that comes after its lease has gone counts, as long as nobody has called since.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::Resend;
use kyc_queue::{State, WorkerConfig};
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    leases::{on_a_thread, short},
    support::{Case, eventually, found, handler, request, start},
};

/// A worker that calls, freezes with the answer in its hands until it is told to go on, and says that it has called.
async fn frozen(case: &Case, calls: &Arc<AtomicU32>, config: WorkerConfig) -> Frozen {
    let (called, go_on) = (
        Arc::new(Notify::new()),
        Arc::new(std::sync::Barrier::new(2)),
    );
    let (tell, wait, count) = (Arc::clone(&called), Arc::clone(&go_on), Arc::clone(calls));
    let holding = handler(move |job| {
        let (tell, wait, count) = (Arc::clone(&tell), Arc::clone(&wait), Arc::clone(&count));
        async move {
            let before = job.calls_before();
            if let Some(slot) = job.into_leave().slot() {
                slot.spend().await.unwrap();
            }
            count.fetch_add(1, SeqCst);
            tell.notify_one();
            // The whole thread stands still.
            wait.wait();
            Ok(found(before, 0))
        }
    });
    let (stop, thread) = on_a_thread(case, config, holding);
    called.notified().await;
    Frozen {
        go_on,
        stop,
        thread,
    }
}

struct Frozen {
    go_on: Arc<std::sync::Barrier>,
    stop: tokio::sync::oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Frozen {
    async fn go_on(&self) {
        let go_on = Arc::clone(&self.go_on);
        tokio::task::spawn_blocking(move || go_on.wait())
            .await
            .unwrap();
    }

    async fn stop(self) {
        drop(self.stop);
        tokio::task::spawn_blocking(|| self.thread.join().unwrap())
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_counts_where_nobody_has_called_since() {
    for ask in [Resend::Retry, Resend::Ask] {
        let case = Case::start().await;
        let calls = Arc::new(AtomicU32::new(0));
        let config = WorkerConfig {
            resend_ambiguous: ask,
            ..short("frozen")
        };
        let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
        let frozen = frozen(&case, &calls, config).await;
        // Its kind is closed, so that the other worker finds the job, and cannot call.
        case.queue.pause("bvn").await.unwrap();
        let config = WorkerConfig {
            resend_ambiguous: ask,
            ..short("other")
        };
        let count = Arc::clone(&calls);
        let other = start(
            &case.queue,
            config,
            handler(move |job| {
                count.fetch_add(1, SeqCst);
                async move { Ok(found(job.calls_before(), job.unanswered_before())) }
            }),
        );
        eventually("it counts as lost", async || {
            let known = case.look(id).await;
            (known.stalls == 1 && known.state == State::Waiting).then_some(())
        })
        .await;
        frozen.go_on().await;
        let known = case.completed(id).await;
        assert_eq!(
            (known.calls, known.unanswered_calls, known.stalls),
            (1, 0, 1),
            "{ask:?}"
        );
        let classes: Vec<&str> = known
            .history
            .iter()
            .map(|line| line.class.as_str())
            .collect();
        assert_eq!(classes, ["stalled", "completed"]);
        frozen.stop().await;
        case.queue.resume("bvn").await.unwrap();
        let next = case.enqueue(&request("bvn", 2, json!({}))).await.id;
        case.completed(next).await;
        assert_eq!(calls.load(SeqCst), 2, "nobody called for the first again");
        other.stop().await;
        case.done().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_is_refused_once_another_worker_has_the_job_or_has_called() {
    let case = Case::start().await;
    let calls = Arc::new(AtomicU32::new(0));
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let frozen = frozen(&case, &calls, short("frozen")).await;
    let (count, hold) = (Arc::clone(&calls), Arc::new(Notify::new()));
    let held = Arc::clone(&hold);
    let other = start(
        &case.queue,
        short("other"),
        handler(move |job| {
            count.fetch_add(1, SeqCst);
            let held = Arc::clone(&held);
            async move {
                held.notified().await;
                Ok(found(job.calls_before(), job.unanswered_before()))
            }
        }),
    );
    eventually("the other one has it", async || {
        (calls.load(SeqCst) == 2).then_some(())
    })
    .await;
    frozen.go_on().await;
    frozen.stop().await;
    assert_eq!(case.look(id).await.state, State::Running);
    tokio::time::sleep(Duration::from_millis(50)).await;
    hold.notify_one();
    let known = case.completed(id).await;
    assert_eq!((known.calls, known.unanswered_calls), (2, 1));
    other.stop().await;
    case.done().await;
}
