//! Answers that were paid for and cannot be used: they are kept, sealed, and no call is made for them again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{Class, Failure, Image, Outcome, Policy, Sealed, VerificationId};
use kyc_queue::{Circuit, Leased, Leave, State, WorkerConfig};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{
    Case, Handler, KINDS, eventually, failed, found, handler, policy, request, start_with, worker,
};

const BODY: &[u8] = b"an answer of another shape";

/// A provider whose answers are of no use as long as `broken`, or cannot be stored.
struct Provider {
    class: Class,
    broken: AtomicBool,
    calls: AtomicUsize,
    rereads: AtomicUsize,
}

impl Provider {
    fn new(class: Class) -> Arc<Self> {
        Arc::new(Self {
            class,
            broken: AtomicBool::new(true),
            calls: AtomicUsize::default(),
            rereads: AtomicUsize::default(),
        })
    }

    fn handler(self: &Arc<Self>, vault: kyc_vault::Vault) -> Handler {
        let provider = Arc::clone(self);
        handler(move |job| {
            let (provider, vault) = (Arc::clone(&provider), vault.clone());
            async move { provider.answer(job, &vault).await }
        })
    }

    async fn answer(&self, job: Leased, vault: &kyc_vault::Vault) -> Result<Outcome, Failure> {
        let before = job.calls_before();
        let (key, _) = job.open(vault).unwrap();
        let is_called = match job.into_leave() {
            Leave::Call(slot) => {
                slot.spend().await.unwrap();
                self.calls.fetch_add(1, SeqCst);
                true
            }
            Leave::Reread(kept) => {
                assert_eq!(*key.open("answer", &kept).unwrap().bytes, BODY);
                self.rereads.fetch_add(1, SeqCst);
                false
            }
            Leave::Reuse(_) => return Err(failed(Class::Internal)),
        };
        if self.broken.load(SeqCst) {
            let failure = failed(self.class);
            return Err(if is_called {
                failure.keeping(Sealed::new(key.seal("answer", "text/plain", BODY)))
            } else {
                failure.after(kyc_domain::Call::default())
            });
        }
        let mut outcome = found(before, 0);
        outcome.call_details.calls = before + u32::from(is_called);
        outcome.images = vec![Image {
            name: "photo".to_owned(),
            media_type: "image/png".to_owned(),
            width: 1,
            height: 1,
            bytes: 1,
            sha256: String::new(),
            key: "default/1/photo".to_owned(),
        }];
        Ok(outcome)
    }
}

fn config(name: &str) -> WorkerConfig {
    WorkerConfig {
        circuit: Circuit {
            failures: 5,
            first_pause: Duration::from_millis(50),
            ..Circuit::default()
        },
        ..worker(name)
    }
}

fn start(case: &Case, provider: &Arc<Provider>) -> crate::support::Running {
    let rules = Policy {
        first_pause: Duration::from_millis(50),
        longest_store_pause: Duration::from_millis(200),
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(10));
    let grace = Duration::from_secs(5);
    let handler = provider.handler(case.queue.vault().clone());
    start_with(&case.queue, config("one"), handler, decide, grace)
}

async fn enqueue(case: &Case, kind: &str, count: usize) -> Vec<VerificationId> {
    let mut ids = Vec::new();
    for nth in 0..count {
        ids.push(case.enqueue(&request(kind, nth, json!({}))).await.id);
    }
    ids
}

async fn kept(case: &Case) -> usize {
    case.raw().await.zcard(case.key("retained")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_an_unknown_shape_park_their_kind_and_are_read_again_without_a_call() {
    for (class, reason) in [
        (Class::Unreadable, "unreadable_answers"),
        (Class::WrongRecord, "wrong_records"),
    ] {
        let case = Case::start().await;
        let provider = Provider::new(class);
        let ids = enqueue(&case, "bvn", 100).await;
        let running = start(&case, &provider);
        eventually("the kind is parked", async || {
            let parked = case.queue.parked(&KINDS).await.unwrap();
            parked
                .iter()
                .any(|parked| parked.reason == reason && parked.until_ms.is_none())
                .then_some(())
        })
        .await;
        eventually("nothing is under way", async || {
            (case.depths().await.running == 0).then_some(())
        })
        .await;
        let calls = provider.calls.load(SeqCst);
        // Those of the window, and what was under way by then.
        assert!((5..=5 + 8).contains(&calls), "{class:?}: {calls}");
        assert!(kept(&case).await > 0);
        if class == Class::WrongRecord {
            for id in ids {
                case.queue.cancel(id).await.unwrap();
            }
            running.stop().await;
            continue;
        }
        let dead = case.depths().await.dead as usize;
        assert_eq!(
            (dead, kept(&case).await),
            (calls, calls),
            "each is dead at once, with its answer"
        );

        // Read again by a reader that does not know better: nothing comes of it, and nothing is told twice.
        let published = case.published().await.len();
        assert_eq!(case.queue.reread(&ids).await.unwrap(), dead);
        eventually("all are dead again", async || {
            (provider.rereads.load(SeqCst) == dead && case.depths().await.dead as usize == dead)
                .then_some(())
        })
        .await;
        assert_eq!(case.published().await.len(), published);

        provider.broken.store(false, SeqCst);
        assert_eq!(case.queue.reread(&ids).await.unwrap(), dead);
        eventually("all are completed", async || {
            (case.depths().await.completed as usize == dead).then_some(())
        })
        .await;
        assert_eq!(provider.calls.load(SeqCst), calls, "without a call");
        assert_eq!(kept(&case).await, 0);
        let completed: Vec<_> = case
            .published()
            .await
            .into_iter()
            .filter(|entry| entry.state == "completed")
            .collect();
        assert_eq!(completed.len(), dead);
        let known = case.look(ids[0]).await;
        assert_eq!(
            (known.attempts, known.calls, known.answer_retained),
            (1, 1, false)
        );

        case.queue.resume("bvn").await.unwrap();
        for id in ids {
            case.completed(id).await;
        }
        assert_eq!(provider.calls.load(SeqCst), 100);
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_cannot_be_stored_wait_with_their_jobs_and_no_more_calls_are_made() {
    let case = Case::start().await;
    let provider = Provider::new(Class::Store);
    let ids = enqueue(&case, "bvn", 60).await;
    let running = start(&case, &provider);
    for kind in KINDS {
        eventually("kinds with images are parked", async || {
            let parked = case.queue.parked(&KINDS).await.unwrap();
            parked
                .iter()
                .any(|parked| parked.kind == kind && parked.reason == "blob_store")
                .then_some(())
        })
        .await;
    }
    eventually("they try again", async || {
        (provider.rereads.load(SeqCst) > 20).then_some(())
    })
    .await;
    let calls = provider.calls.load(SeqCst);
    assert!(calls <= 5 + 8, "{calls}");
    let waiting = case.look(ids[0]).await;
    assert_eq!(waiting.waiting.unwrap().why, "blob_store");
    assert_eq!(
        (waiting.attempts, waiting.calls, waiting.answer_retained),
        (1, 1, true)
    );
    provider.broken.store(false, SeqCst);
    for id in ids {
        let known = case.completed(id).await;
        assert_eq!((known.attempts, known.calls), (1, 1));
    }
    assert_eq!(provider.calls.load(SeqCst), 60);
    assert_eq!(kept(&case).await, 0);
    assert!(case.queue.parked(&KINDS).await.unwrap().is_empty());
    running.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_goes_with_its_job_or_when_its_time_is_over() {
    let case = Case::with(
        |config| config.keep_unreadable = Duration::from_millis(300),
        kyc_sandbox::redis::Options::default(),
    )
    .await;
    let provider = Provider::new(Class::Unreadable);
    let ids = enqueue(&case, "bvn", 2).await;
    let running = start(&case, &provider);
    for id in &ids {
        case.dead(*id).await;
    }
    assert_eq!(
        &**case.queue.retained_answer(ids[0]).await.unwrap().unwrap(),
        BODY
    );
    assert_eq!(case.queue.discard(&ids[..1]).await.unwrap(), 1);
    assert!(case.queue.retained_answer(ids[0]).await.unwrap().is_none());
    eventually("the other one is over its time", async || {
        (kept(&case).await == 0).then_some(())
    })
    .await;
    let known = case.look(ids[1]).await;
    assert_eq!((known.state, known.answer_retained), (State::Dead, false));
    assert!(case.queue.retained_answer(ids[1]).await.unwrap().is_none());
    assert_eq!(case.queue.reread(&ids).await.unwrap(), 0);
    running.stop().await;
}
