//! A provider that asks one job to stop, and answers the others of its kind.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use kyc_domain::{Class, Failure, Policy, VerificationId};
use kyc_queue::{Circuit, State, WorkerConfig};
use serde_json::json;

use crate::support::{
    Case, Handler, KINDS, eventually, failed, found, handler, policy, request, start_with, worker,
};

const PAUSE: Duration = Duration::from_millis(100);

/// What the provider says to some of the jobs, every time, and when each job was called for.
struct Provider {
    told: Mutex<Vec<VerificationId>>,
    says: Failure,
    calls: Mutex<HashMap<VerificationId, Vec<Instant>>>,
}

impl Provider {
    fn that_says(says: Failure) -> Arc<Self> {
        Arc::new(Self {
            told: Mutex::default(),
            says,
            calls: Mutex::default(),
        })
    }

    fn handler(self: &Arc<Self>) -> Handler {
        let provider = Arc::clone(self);
        handler(move |job| {
            let provider = Arc::clone(&provider);
            async move {
                let mut calls = provider.calls.lock().unwrap();
                calls.entry(job.id()).or_default().push(Instant::now());
                if provider.told.lock().unwrap().contains(&job.id()) {
                    Err(provider.says.clone())
                } else {
                    Ok(found(job.calls_before(), 0))
                }
            }
        })
    }

    fn calls_for(&self, id: VerificationId) -> usize {
        self.calls.lock().unwrap().get(&id).map_or(0, Vec::len)
    }
}

fn config(name: &str) -> WorkerConfig {
    WorkerConfig {
        circuit: Circuit {
            first_pause: PAUSE,
            ..Circuit::default()
        },
        ..worker(name)
    }
}

/// A wait that the provider names, or does not.
fn wait(named: Option<Duration>) -> Failure {
    Failure {
        retry_after: named,
        code: "http_429".to_owned(),
        ..failed(Class::Wait)
    }
}

async fn enqueue(case: &Case, nth: usize) -> VerificationId {
    case.enqueue(&request("bvn", nth, json!({"max_attempts": 3})))
        .await
        .id
}

/// Enqueues jobs, of which these are told to stop; runs them until all others are done, resuming the kind where it parks.
/// Answers those that were told, and how often the kind had to be resumed.
async fn run(says: Failure, told: &[usize]) -> (Case, Arc<Provider>, Vec<VerificationId>, usize) {
    let case = Case::start().await;
    let provider = Provider::that_says(says);
    let (mut bad, mut good) = (Vec::new(), Vec::new());
    for nth in 0..30 {
        let id = enqueue(&case, nth).await;
        let all = if told.contains(&nth) {
            &mut bad
        } else {
            &mut good
        };
        all.push(id);
    }
    provider.told.lock().unwrap().clone_from(&bad);
    let rules = Policy {
        first_pause: PAUSE,
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(10));
    let grace = Duration::from_secs(5);
    let running = start_with(
        &case.queue,
        config("one"),
        provider.handler(),
        decide,
        grace,
    );
    let resumed = std::sync::atomic::AtomicUsize::new(0);
    eventually("the others are done", async || {
        let parked = case.queue.parked(&KINDS).await.unwrap();
        if parked.iter().any(|parked| parked.until_ms.is_none()) {
            let was_closed = case.queue.resume("bvn").await.unwrap().is_some();
            resumed.fetch_add(usize::from(was_closed), SeqCst);
        }
        (case.depths().await.completed == good.len() as u64).then_some(())
    })
    .await;
    for id in good {
        let known = case.look(id).await;
        assert_eq!((known.state, known.attempts), (State::Completed, 1));
    }
    // What was told to stop is isolated, and dies of its own attempts.
    for id in &bad {
        let known = eventually("it is isolated", async || {
            let known = case.look(*id).await;
            let why = known.waiting.as_ref().map(|waiting| waiting.why.clone());
            (why.as_deref() == Some("isolated") || known.state == State::Dead).then_some(known)
        })
        .await;
        assert!(known.attempts > 0, "{known:?}");
        let known = case.dead(*id).await;
        assert_eq!(
            (known.attempts, known.code.as_deref()),
            (3, Some(&*provider.says.code))
        );
    }
    running.stop().await;
    (case, provider, bad, resumed.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_throttles_one_subject_holds_up_no_other() {
    for says in [
        wait(None),
        wait(Some(Duration::from_millis(300))),
        wait(Some(Duration::ZERO)),
    ] {
        for told in [&[0][..], &[3, 4, 20]] {
            let (case, provider, bad, _) = run(says.clone(), told).await;
            for id in bad {
                // One that stopped the kind, and three of its own.
                assert!((3..=6).contains(&provider.calls_for(id)), "{told:?}");
            }
            case.done().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_for_one_subject_stops_its_kind_once() {
    for class in [Class::Key, Class::Wallet] {
        let (case, provider, bad, resumed) = run(failed(class), &[0]).await;
        assert_eq!(resumed, 1, "{class:?}");
        assert_eq!(provider.calls_for(bad[0]), 4);
        case.done().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stopped_its_kind_does_not_try_first() {
    let case = Case::start().await;
    let provider = Provider::that_says(failed(Class::Key));
    // Of another tenant, so that its turn would be the next.
    let first = case
        .enqueue(&request(
            "bvn",
            0,
            json!({"tenant": "other", "priority": "high"}),
        ))
        .await
        .id;
    provider.told.lock().unwrap().push(first);
    let decide = policy(Policy::default(), Duration::from_millis(10));
    let grace = Duration::from_secs(5);
    let running = start_with(
        &case.queue,
        config("one"),
        provider.handler(),
        decide,
        grace,
    );
    let parked = async || {
        let parked = case.queue.parked(&KINDS).await.unwrap();
        (!parked.is_empty()).then_some(())
    };
    eventually("the kind is parked", parked).await;
    let mut others = Vec::new();
    for nth in 1..4 {
        others.push(enqueue(&case, nth).await);
    }
    case.queue.resume("bvn").await.unwrap();
    for id in others {
        case.completed(id).await;
    }
    eventually("it tried again", async || {
        (provider.calls_for(first) >= 2).then_some(())
    })
    .await;
    {
        let calls = provider.calls.lock().unwrap();
        let earliest = calls
            .iter()
            .filter(|(id, _)| **id != first)
            .map(|(_, at)| at[0])
            .min();
        assert!(
            calls[&first][1] > earliest.unwrap(),
            "another one tried first"
        );
    }
    case.queue.cancel(first).await.unwrap();
    running.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_provider_throttles_all_no_attempt_is_spent() {
    let case = Case::start().await;
    let provider = Provider::that_says(wait(None));
    let mut ids = Vec::new();
    for nth in 0..12 {
        ids.push(enqueue(&case, nth).await);
    }
    provider.told.lock().unwrap().clone_from(&ids);
    let rules = Policy {
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(40),
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(10));
    let grace = Duration::from_secs(5);
    let running = start_with(
        &case.queue,
        config("one"),
        provider.handler(),
        decide,
        grace,
    );
    let calls = || -> usize { provider.calls.lock().unwrap().values().map(Vec::len).sum() };
    eventually("it was tried often", async || (calls() > 60).then_some(())).await;
    for id in &ids {
        let known = case.look(*id).await;
        assert_eq!((known.attempts, known.state), (0, State::Waiting));
    }
    provider.told.lock().unwrap().clear();
    for id in ids {
        assert_eq!(case.completed(id).await.attempts, 1);
    }
    running.stop().await;
    case.done().await;
}
