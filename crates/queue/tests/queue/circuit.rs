//! A provider that fails as a whole: its kind pauses, one call at a time tries it, and nothing dies of it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use kyc_domain::Policy;
use kyc_queue::{Circuit, State, WorkerConfig};
use serde_json::json;

use crate::support::{
    Case, Handler, eventually, found, handler, policy, request, start_with, transient, worker,
};

const PAUSE: Duration = Duration::from_millis(300);

fn with_circuit(name: &str) -> WorkerConfig {
    WorkerConfig {
        circuit: Circuit {
            failures: 5,
            window: Duration::from_secs(5),
            first_pause: PAUSE,
            longest_pause: PAUSE * 2,
        },
        ..worker(name)
    }
}

/// A provider that can be switched off, for all kinds but `nin`; when calls came, and how many at once.
struct Provider {
    up: AtomicBool,
    calls: Mutex<Vec<Instant>>,
    under_way: AtomicU32,
}

impl Provider {
    fn down() -> Arc<Self> {
        Arc::new(Self {
            up: AtomicBool::new(false),
            calls: Mutex::default(),
            under_way: AtomicU32::new(0),
        })
    }

    fn handler(self: &Arc<Self>) -> Handler {
        let provider = Arc::clone(self);
        handler(move |job| {
            let provider = Arc::clone(&provider);
            async move {
                let before = job.calls_before();
                if job.kind() == "nin" {
                    return Ok(found(before, 0));
                }
                provider.calls.lock().unwrap().push(Instant::now());
                provider.under_way.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                provider.under_way.fetch_sub(1, SeqCst);
                if provider.up.load(SeqCst) {
                    Ok(found(before, 0))
                } else {
                    Err(transient())
                }
            }
        })
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_costs_one_call_a_pause_and_kills_nothing() {
    let case = Case::start().await;
    let provider = Provider::down();
    let decide = policy(
        Policy {
            max_attempts: 2,
            ..Policy::default()
        },
        Duration::from_millis(5),
    );
    let grace = Duration::from_secs(5);
    let second = case.another_queue().await;
    let one = start_with(
        &case.queue,
        with_circuit("one"),
        provider.handler(),
        Arc::clone(&decide),
        grace,
    );
    let two = start_with(
        &second,
        with_circuit("two"),
        provider.handler(),
        decide,
        grace,
    );
    let jobs: Vec<_> = (0..60).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let ids: Vec<_> = accepted.into_iter().map(|job| job.unwrap().id).collect();
    let parked = eventually("the circuit opens", async || {
        case.queue.parked(&["bvn"]).await.unwrap().pop()
    })
    .await;
    assert_eq!(parked.reason, "circuit_open");
    // Both workers may have all their places in use by then.
    let opened = provider.calls();
    assert!(opened <= 32, "{opened}");
    tokio::time::sleep(PAUSE * 10).await;
    let probes = provider.calls() - opened;
    assert!(
        (2..=8).contains(&probes),
        "one a pause of up to 600 ms in 3 s: {probes}"
    );
    // The other kind goes on.
    let nin = case.enqueue(&request("nin", 1, json!({}))).await;
    case.completed(nin.id).await;
    let depths = case.depths().await;
    assert_eq!((depths.dead, depths.completed), (0, 1));
    let standing = case.queue.limiters(&["bvn"]).await.unwrap();
    assert!(standing[0].probing);

    provider.up.store(true, SeqCst);
    for id in ids {
        let done = case.completed(id).await;
        // Of those that failed before it opened an attempt was spent, of no probe.
        assert!(done.attempts <= 2, "{done:?}");
    }
    assert!(!case.queue.limiters(&["bvn"]).await.unwrap()[0].probing);
    one.stop().await;
    two.stop().await;
    case.done().await;
}

/// What fails always must not hold up what would succeed: another one is the next probe.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_always_does_not_keep_the_circuit_open_for_others() {
    let case = Case::start().await;
    let handler = handler(|job| async move {
        if job.tenant() == "poison" {
            Err(transient())
        } else {
            Ok(found(job.calls_before(), 0))
        }
    });
    let rules = Policy {
        max_attempts: 8,
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(5));
    let worker = start_with(&case.queue, with_circuit("one"), handler, decide, PAUSE);
    let poison = case
        .enqueue(&request("bvn", 0, json!({"tenant": "poison"})))
        .await;
    eventually("it opens the circuit", async || {
        case.queue.parked(&["bvn"]).await.unwrap().pop()
    })
    .await;
    assert_eq!(case.look(poison.id).await.state, State::Waiting);
    // With others that succeed it uses up its attempts.
    let nth = AtomicU32::new(1);
    eventually("it is dead", async || {
        let nth = nth.fetch_add(1, SeqCst) as usize;
        let other = case.enqueue(&request("bvn", nth, json!({}))).await;
        case.completed(other.id).await;
        (case.look(poison.id).await.state == State::Dead).then_some(())
    })
    .await;
    worker.stop().await;
    case.done().await;
}

/// Nobody can tell an outage from a job that fails always while it is alone; but it must cost little and hold up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_always_and_is_alone_waits_apart_after_a_while() {
    let case = Case::start().await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let handler = handler(move |job| {
        let is_poison = job.tenant() == "poison";
        counted.fetch_add(u32::from(is_poison), SeqCst);
        async move {
            if is_poison {
                Err(transient())
            } else {
                Ok(found(job.calls_before(), 0))
            }
        }
    });
    let config = WorkerConfig {
        circuit: Circuit {
            first_pause: Duration::from_millis(50),
            longest_pause: PAUSE,
            ..Circuit::default()
        },
        ..worker("one")
    };
    let decide = policy(Policy::default(), Duration::from_millis(5));
    let worker = start_with(&case.queue, config, handler, decide, PAUSE);
    let poison = case
        .enqueue(&request("bvn", 0, json!({"tenant": "poison"})))
        .await;
    eventually("it waits for a time of its own", async || {
        let known = case.look(poison.id).await;
        let isolated = known
            .waiting
            .is_some_and(|waiting| waiting.why == "isolated");
        (isolated && calls.load(SeqCst) > 12).then_some(())
    })
    .await;
    let other = case.enqueue(&request("bvn", 1, json!({}))).await;
    case.completed(other.id).await;
    assert_eq!(case.look(poison.id).await.state, State::Waiting);
    case.queue.cancel(poison.id).await.unwrap();
    worker.stop().await;
    case.done().await;
}

/// Half a dozen failures among hundreds of successes are no outage.
#[tokio::test(flavor = "multi_thread")]
async fn a_few_failures_among_successes_open_nothing() {
    let case = Case::start().await;
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let handler = handler(move |job| {
        let nth = counted.fetch_add(1, SeqCst);
        async move {
            if nth % 5 == 4 {
                Err(transient())
            } else {
                Ok(found(job.calls_before(), 0))
            }
        }
    });
    let decide = policy(Policy::default(), Duration::from_millis(5));
    let worker = start_with(&case.queue, with_circuit("one"), handler, decide, PAUSE);
    let jobs: Vec<_> = (0..300).map(|nth| request("bvn", nth, json!({}))).collect();
    for accepted in case.queue.enqueue_all(&jobs).await {
        case.completed(accepted.unwrap().id).await;
        assert!(case.queue.parked(&["bvn"]).await.unwrap().is_empty());
    }
    worker.stop().await;
    case.done().await;
}
