//! Leases that run out: another worker takes the job, and the late one can do nothing.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use kyc_domain::Policy;
use kyc_queue::WorkerConfig;
use serde_json::json;
use tokio::sync::{Notify, oneshot};

use crate::support::{
    Case, Handler, connect, eventually, found, handler, policy, request, run, start, start_with,
    worker,
};

pub(crate) const SHORT: Duration = Duration::from_millis(600);

pub(crate) fn short(name: &str) -> WorkerConfig {
    WorkerConfig {
        lease: SHORT,
        ..worker(name)
    }
}

/// A worker on a thread and a runtime of its own: a handler that blocks the thread stalls all of it.
pub(crate) fn on_a_thread(
    case: &Case,
    config: WorkerConfig,
    handler: Handler,
) -> (oneshot::Sender<()>, thread::JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let (address, keys) = case.address();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let queue = connect(&address, &keys).await;
            let decide = policy(Policy::default(), Duration::from_millis(20));
            run(
                queue,
                config,
                handler,
                decide,
                Duration::from_secs(5),
                stopped,
            )
            .await
            .unwrap();
        });
    });
    (stop, thread)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_worker_loses_its_job_and_comes_too_late() {
    let case = Case::start().await;
    let (began, release) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let stalling = {
        let (began, release) = (Arc::clone(&began), Arc::clone(&release));
        handler(move |_| {
            began.notify_one();
            while !release.load(SeqCst) {
                thread::sleep(Duration::from_millis(2));
            }
            let mut outcome = found(0, 0);
            outcome.message = Some("too late".to_owned());
            async { Ok(outcome) }
        })
    };
    let (stop, thread) = on_a_thread(&case, short("stalls"), stalling);
    let accepted = case.enqueue(&request("bvn", 1, json!({}))).await;
    began.notified().await;
    let healthy = start(
        &case.queue,
        short("healthy"),
        handler(|job| async move {
            assert_eq!(job.attempt(), 1, "a stall spends no attempt");
            Ok(found(job.calls_before(), job.unanswered_before()))
        }),
    );
    let done = case.completed(accepted.id).await;
    assert_eq!((done.stalls, done.attempts), (1, 1));
    // The first worker may have sent a call.
    assert_eq!((done.calls, done.unanswered_calls), (2, 1));
    assert_eq!(done.history[0].class, "stalled");
    release.store(true, SeqCst);
    drop(stop);
    tokio::task::spawn_blocking(|| thread.join())
        .await
        .unwrap()
        .unwrap();
    let still = case.look(accepted.id).await;
    assert_eq!(
        still.outcome.unwrap().message,
        None,
        "the late outcome is refused"
    );
    healthy.stop().await;
    assert_eq!(case.published().await.len(), 1);
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_worker_s_jobs_are_done_by_another() {
    let case = Case::start().await;
    let second = case.another_queue().await;
    let (begun, count) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let hanging = {
        let (begun, count) = (Arc::clone(&begun), Arc::clone(&count));
        handler(move |_| {
            if count.fetch_add(1, SeqCst) == 4 {
                begun.notify_one();
            }
            std::future::pending()
        })
    };
    let first = start(&second, short("crashes"), hanging);
    let jobs: Vec<_> = (0..5).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    begun.notified().await;
    first.crash();
    let other = start(
        &case.queue,
        short("other"),
        handler(|_| async { Ok(found(1, 1)) }),
    );
    for accepted in accepted {
        let done = case.completed(accepted.unwrap().id).await;
        assert_eq!((done.stalls, done.attempts), (1, 1));
    }
    other.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_longer_than_its_lease_keeps_it() {
    let case = Case::start().await;
    let calls = Arc::new(AtomicU32::new(0));
    let slow = {
        let calls = Arc::clone(&calls);
        handler(move |_| {
            calls.fetch_add(1, SeqCst);
            async {
                tokio::time::sleep(SHORT * 3).await;
                Ok(found(0, 0))
            }
        })
    };
    let one = start(&case.queue, short("one"), Arc::clone(&slow));
    let two = start(&case.queue, short("two"), slow);
    let accepted = case.enqueue(&request("bvn", 1, json!({}))).await;
    let done = case.completed(accepted.id).await;
    assert_eq!((done.stalls, calls.load(SeqCst)), (0, 1));
    one.stop().await;
    two.stop().await;
    case.done().await;
}

fn handler_of_nothing() -> Handler {
    handler(|_| async { Ok(found(0, 0)) })
}

/// A worker that slept longer than its lease and takes its own job anew must not work on it twice at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_takes_its_own_job_anew_gives_up_the_older_attempt() {
    let case = Case::start().await;
    let ends = Arc::new(Mutex::new(Vec::new()));
    let first = Arc::new(AtomicBool::new(true));
    let handler = {
        let (ends, first) = (Arc::clone(&ends), Arc::clone(&first));
        handler(move |job| {
            let stalls = first.swap(false, SeqCst);
            let ends = Arc::clone(&ends);
            async move {
                if stalls {
                    // Longer than the lease: neither the heartbeat nor anybody else runs meanwhile.
                    thread::sleep(SHORT * 2);
                    tokio::time::sleep(SHORT * 2).await;
                    ends.lock().unwrap().push("older");
                    return Ok(found(0, 0));
                }
                tokio::time::sleep(SHORT * 3).await;
                ends.lock().unwrap().push("newer");
                Ok(found(job.calls_before(), job.unanswered_before()))
            }
        })
    };
    // Somebody else lives, or it would be Redis that was away.
    let other = WorkerConfig {
        kinds: Vec::new(),
        ..short("other")
    };
    let other = start(&case.queue, other, handler_of_nothing());
    let (stop, thread) = on_a_thread(&case, short("one"), handler);
    let accepted = case.enqueue(&request("bvn", 1, json!({}))).await;
    let done = case.completed(accepted.id).await;
    assert_eq!((done.stalls, done.attempts, done.calls), (1, 1, 2));
    drop(stop);
    tokio::task::spawn_blocking(|| thread.join())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(*ends.lock().unwrap(), ["newer"]);
    other.stop().await;
    case.done().await;
}

/// Jobs that end and come back while the heartbeat prolongs what it saw a moment ago.
#[tokio::test(flavor = "multi_thread")]
async fn quick_retries_are_not_cut_off_by_the_renewal_of_older_leases() {
    let case = Case::start().await;
    let config = WorkerConfig {
        lease: Duration::from_millis(500),
        ..worker("one")
    };
    let handler = handler(|job| async move {
        tokio::time::sleep(Duration::from_micros(300)).await;
        if job.attempt() < 60 {
            Err(crate::support::transient())
        } else {
            Ok(found(59, 0))
        }
    });
    let rules = Policy {
        max_attempts: 1000,
        ..Policy::default()
    };
    let decide = policy(rules, Duration::ZERO);
    let worker = start_with(&case.queue, config, handler, decide, Duration::from_secs(5));
    let jobs: Vec<_> = (0..60)
        .map(|nth| request("bvn", nth, json!({"max_attempts": 100})))
        .collect();
    for accepted in case.queue.enqueue_all(&jobs).await {
        let done = case.completed(accepted.unwrap().id).await;
        assert_eq!((done.stalls, done.attempts), (0, 60));
    }
    worker.stop().await;
    case.done().await;
}

/// The code that decides is ours too, and may fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_settling_costs_no_place_for_ever() {
    let case = Case::start().await;
    let panics = Arc::new(AtomicU32::new(0));
    let decide = {
        let panics = Arc::clone(&panics);
        let usual = policy(Policy::default(), Duration::from_millis(1));
        Arc::new(
            move |failure: &kyc_domain::Failure, progress: kyc_domain::AttemptContext| {
                assert!(panics.fetch_add(1, SeqCst) > 0, "a panic on purpose");
                usual(failure, progress)
            },
        )
    };
    let config = WorkerConfig {
        concurrency: 1,
        ..short("one")
    };
    let handler = handler(|_| async { Err(crate::support::transient()) });
    let worker = start_with(&case.queue, config, handler, decide, Duration::from_secs(5));
    let accepted = case
        .enqueue(&request("bvn", 1, json!({"max_attempts": 2})))
        .await;
    let dead = case.dead(accepted.id).await;
    assert_eq!((dead.stalls, dead.attempts), (1, 2));
    eventually("nothing is held", async || {
        (case.depths().await.running == 0).then_some(())
    })
    .await;
    worker.stop().await;
    case.done().await;
}
