//! Kinds that wait as a whole: for a time, or until a person resumes them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kyc_domain::{Class, Policy};
use kyc_queue::{Circuit, State, WorkerConfig};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::{
    Case, eventually, failed, found, handler, policy, request, start, start_with, worker, worker_of,
};

const GRACE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_was_asked_for_holds_the_kind_for_every_worker_and_spends_nothing() {
    const PAUSE: Duration = Duration::from_millis(900);
    let case = Case::start().await;
    let second_queue = case.another_queue().await;
    let starts = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::new(AtomicU32::new(0));
    let noting = {
        let (starts, told) = (Arc::clone(&starts), Arc::clone(&told));
        handler(move |job| {
            let first = job.kind() == "bvn" && told.fetch_add(1, SeqCst) == 0;
            starts
                .lock()
                .unwrap()
                .push((job.kind().to_owned(), Timestamp::now()));
            async move {
                if first {
                    let mut failure = failed(Class::Wait);
                    failure.retry_after = Some(PAUSE);
                    return Err(failure);
                }
                assert_eq!(job.attempt(), 1, "waiting spends no attempt");
                Ok(found(job.calls_before(), 0))
            }
        })
    };
    let one = start(&case.queue, worker("one"), Arc::clone(&noting));
    let first = case.enqueue(&request("bvn", 1, json!({}))).await;
    let parked = eventually("bvn is parked", async || {
        case.queue.parked(&["bvn", "nin"]).await.unwrap().pop()
    })
    .await;
    let told_at = starts.lock().unwrap()[0].1;
    assert_eq!(
        (parked.kind.as_str(), parked.reason.as_str()),
        ("bvn", "retry_after")
    );
    // Redis counts whole milliseconds.
    let until = Timestamp::from_millisecond(parked.until_ms.unwrap()).unwrap();
    let asked = (told_at + PAUSE).as_millisecond();
    assert!(until.as_millisecond() >= asked);

    let two = start(&second_queue, worker("two"), noting);
    let others: Vec<_> = (2..8).map(|nth| request("bvn", nth, json!({}))).collect();
    let bvn: Vec<_> = case
        .queue
        .enqueue_all(&others)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let nin = case.enqueue(&request("nin", 1, json!({}))).await;
    case.completed(nin.id).await;
    let waiting = case.look(bvn[0].id).await;
    assert_eq!(
        waiting.state,
        State::Waiting,
        "the other kind goes on meanwhile"
    );
    let why = waiting.waiting.unwrap();
    assert_eq!((why.why.as_str(), why.until), ("retry_after", Some(until)));
    let first = case.completed(first.id).await;
    assert_eq!((first.attempts, first.calls), (1, 2));
    for job in bvn {
        case.completed(job.id).await;
    }
    let begun = starts.lock().unwrap().clone();
    let early = begun
        .iter()
        .skip(1)
        .filter(|(kind, at)| kind == "bvn" && *at < until)
        .count();
    assert_eq!(early, 0, "{begun:?}");
    assert!(case.queue.parked(&["bvn"]).await.unwrap().is_empty());
    one.stop().await;
    two.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_grow_and_calls_under_way_together_are_one_pause() {
    let case = Case::start().await;
    let together = Arc::new(Barrier::new(4));
    let waits = Arc::new(AtomicU32::new(0));
    let asked = Arc::clone(&waits);
    let handler = handler(move |_| {
        let (together, asked) = (Arc::clone(&together), Arc::clone(&asked));
        async move {
            let nth = asked.fetch_add(1, SeqCst);
            // All four are under way before the first of them is told to wait; then they come one by one.
            if nth < 4 {
                together.wait().await;
            }
            if nth < 5 {
                Err(failed(Class::Wait))
            } else {
                Ok(found(0, 0))
            }
        }
    });
    let rules = Policy {
        first_pause: Duration::from_millis(150),
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(1));
    let jobs: Vec<_> = (0..4).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let worker = start_with(
        &case.queue,
        worker_of("one", 4, &["bvn"]),
        handler,
        decide,
        GRACE,
    );
    let mut raw = case.raw().await;
    let key = case.key("limiter:bvn");
    let pauses = async |nth: u32| -> i64 {
        eventually("the next pause", async || {
            let (count, until): (Option<u32>, Option<i64>) = redis::cmd("HMGET")
                .arg(&key)
                .arg(&["pauses", "until"])
                .query_async(&mut raw.clone())
                .await
                .unwrap();
            assert!(
                count.unwrap_or(0) <= nth,
                "calls under way together counted {count:?}"
            );
            until.filter(|_| count == Some(nth) && waits.load(SeqCst) >= 3 + nth)
        })
        .await
    };
    let begun = Timestamp::now().as_millisecond();
    let first = pauses(1).await;
    let second = pauses(2).await;
    assert!(first - begun <= 150 + 2000, "{}", first - begun);
    assert!(
        second - first >= 300,
        "the second pause is twice as long: {}",
        second - first
    );
    for accepted in accepted {
        let done = case.completed(accepted.unwrap().id).await;
        assert_eq!(done.attempts, 1);
    }
    let left: Option<u32> = redis::cmd("HGET")
        .arg(&key)
        .arg("pauses")
        .query_async(&mut raw)
        .await
        .unwrap();
    assert_eq!(left, None, "a success ends the row of pauses");
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_parks_the_kind_until_a_person_resumes_it() {
    let case = Case::start().await;
    let mended = Arc::new(AtomicU32::new(0));
    let key = Arc::clone(&mended);
    let handler = handler(move |_| {
        let mended = key.load(SeqCst) == 1;
        async move {
            if mended {
                Ok(found(0, 0))
            } else {
                Err(failed(Class::Key))
            }
        }
    });
    let worker = start(&case.queue, worker("one"), handler);
    let accepted = case.enqueue(&request("nin", 1, json!({}))).await;
    let parked = eventually("nin is parked", async || {
        case.queue.parked(&["nin"]).await.unwrap().pop()
    })
    .await;
    assert_eq!(
        (parked.reason.as_str(), parked.until_ms),
        ("key_refused", None)
    );
    let waiting = case.look(accepted.id).await;
    let why = waiting.waiting.unwrap();
    assert_eq!((why.why.as_str(), why.until), ("key_refused", None));
    assert_eq!(waiting.attempts, 0);

    mended.store(1, SeqCst);
    let mut slowest = Duration::ZERO;
    for nth in 2..6 {
        let next = case.enqueue(&request("nin", nth, json!({}))).await;
        let resumed = Instant::now();
        case.queue.resume("nin").await.unwrap();
        case.completed(next.id).await;
        slowest = slowest.max(resumed.elapsed());
        mended.store(0, SeqCst);
        let blocked = case.enqueue(&request("nin", nth + 10, json!({}))).await;
        eventually("it is parked again", async || {
            case.queue.parked(&["nin"]).await.unwrap().pop()
        })
        .await;
        assert_eq!(case.look(blocked.id).await.state, State::Waiting);
        mended.store(1, SeqCst);
    }
    assert!(
        slowest < Duration::from_millis(700),
        "not woken: {slowest:?}"
    );
    case.queue.resume("nin").await.unwrap();
    case.completed(accepted.id).await;
    eventually("all are done", async || {
        (case.depths().await.completed == 9).then_some(())
    })
    .await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_answers_among_more_good_ones_park_nothing() {
    let case = Case::start().await;
    let calls = Arc::new(AtomicU32::new(0));
    let every_third = {
        let calls = Arc::clone(&calls);
        handler(move |job| {
            let is_unreadable = calls.fetch_add(1, SeqCst).is_multiple_of(3);
            async move {
                if is_unreadable {
                    return Err(failed(Class::Unreadable));
                }
                Ok(found(job.calls_before(), 0))
            }
        })
    };
    let mut ids = Vec::new();
    for nth in 0..24 {
        ids.push(case.enqueue(&request("bvn", nth, json!({}))).await.id);
    }
    let config = WorkerConfig {
        circuit: Circuit::default(),
        ..worker_of("one", 1, &["bvn"])
    };
    let worker = start(&case.queue, config, every_third);
    let mut states = Vec::new();
    for id in ids {
        states.push(case.ended(id).await.state);
    }
    let dead = states.iter().filter(|state| **state == State::Dead).count();
    assert_eq!(dead, 8, "{states:?}");
    assert_eq!(case.queue.parked(&["bvn"]).await.unwrap(), []);
    worker.stop().await;
    case.done().await;
}
