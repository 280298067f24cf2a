//! An answer that comes after its lease has gone counts, as long as nobody has called since.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{AmbiguousCalls, Outcome, Reused};
use kyc_queue::{Leased, Leave, Reuse, State, WorkerConfig};
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    leases::{SHORT, on_a_thread, short},
    reuse::{Provider, case_with, same},
    support::{Case, eventually, found, handler, request, start, worker_of},
};

/// A worker that calls, freezes with the answer in its hands until it is told to go on, and says that it has called.
async fn frozen(case: &Case, calls: &Arc<AtomicU32>, config: WorkerConfig) -> Frozen {
    let count = Arc::clone(calls);
    frozen_with(case, config, move |job| {
        let count = Arc::clone(&count);
        async move {
            let before = job.calls_before();
            if let Some(slot) = job.into_leave().slot() {
                slot.spend().await.unwrap();
            }
            count.fetch_add(1, SeqCst);
            found(before, 0)
        }
    })
    .await
}

/// As that, with an answer of the test's own.
async fn frozen_with<F>(
    case: &Case,
    config: WorkerConfig,
    answer: impl Fn(Leased) -> F + Send + Sync + 'static,
) -> Frozen
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let (called, go_on) = (
        Arc::new(Notify::new()),
        Arc::new(std::sync::Barrier::new(2)),
    );
    let (tell, wait) = (Arc::clone(&called), Arc::clone(&go_on));
    let holding = handler(move |job| {
        let (tell, wait, answer) = (Arc::clone(&tell), Arc::clone(&wait), answer(job));
        async move {
            let outcome = answer.await;
            tell.notify_one();
            // The whole thread stands still.
            wait.wait();
            Ok(outcome)
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
    for ask in [AmbiguousCalls::Retry, AmbiguousCalls::Hold] {
        let case = Case::start().await;
        let calls = Arc::new(AtomicU32::new(0));
        let config = WorkerConfig {
            ambiguous_calls: ask,
            ..short("frozen")
        };
        let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
        let frozen = frozen(&case, &calls, config).await;
        // Its kind is closed, so that the other worker finds the job, and cannot call.
        case.queue.pause("bvn").await.unwrap();
        let config = WorkerConfig {
            ambiguous_calls: ask,
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
        let minutes = case.queue.minutes(3).await.unwrap();
        let counted = minutes
            .iter()
            .filter_map(|minute| minute.counts.get("calls bvn"));
        assert_eq!(counted.sum::<u64>(), 2);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_late_outcome_by_another_one_s_answer_is_no_call_and_makes_that_no_younger() {
    let case = case_with(Reuse::default().with("bvn", None, Duration::from_secs(3600))).await;
    let provider = Provider::new();
    let good = start(&case.queue, short("good"), provider.handler(&case.queue));
    case.completed(case.enqueue(&same(json!({}))).await.id)
        .await;
    good.stop().await;
    let mut raw = case.raw().await;
    let keys: Vec<String> = raw.keys(case.key("answer:*")).await.unwrap();
    let answer: String = raw.get(&keys[0]).await.unwrap();
    let id = case.enqueue(&same(json!({}))).await.id;
    let vault = case.queue.vault().clone();
    let frozen = frozen_with(&case, short("frozen"), move |job| {
        let vault = vault.clone();
        async move {
            let before = job.calls_before();
            let Leave::Reuse(answered) = job.into_leave() else {
                panic!("the answer is there");
            };
            let (_, mut outcome) = answered.open(&vault).unwrap();
            outcome.call_details.calls = before;
            outcome.reused = Some(Reused {
                verification: answered.verification().to_owned(),
                answered_at: outcome.call_details.requested_at,
            });
            outcome
        }
    })
    .await;
    // One that finds the job, and does not take its kind.
    let config = WorkerConfig {
        lease: SHORT,
        ..worker_of("other", 8, &["nin"])
    };
    let other = start(&case.queue, config, provider.handler(&case.queue));
    eventually("it counts as lost", async || {
        let known = case.look(id).await;
        (known.stalls == 1 && known.state == State::Waiting).then_some(())
    })
    .await;
    frozen.go_on().await;
    let known = case.completed(id).await;
    assert_eq!((known.calls, known.unanswered_calls), (0, 0));
    frozen.stop().await;
    let minutes = case.queue.minutes(3).await.unwrap();
    let count = |name: &str| -> u64 {
        let counts = minutes.iter().filter_map(|minute| minute.counts.get(name));
        counts.sum()
    };
    assert_eq!((count("calls bvn"), count("saved bvn")), (1, 1));
    let now: String = raw.get(&keys[0]).await.unwrap();
    assert_eq!(now, answer);
    other.stop().await;
    case.done().await;
}
