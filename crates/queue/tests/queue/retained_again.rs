//! Answers that are kept and read again: what that says is said once, makes no call and stops no kind.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use jiff::Timestamp;
use kyc_domain::{Class, Failure, Outcome, Policy, Record, Sealed, VerificationId};
use kyc_queue::{Circuit, Leased, Leave, WorkerConfig};
use kyc_vault::Vault;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{
    Case, KINDS, Running, eventually, failed, found, handler, policy, request, start_with, worker,
};

/// A provider whose every answer is kept: what is wrong with it when it comes, and when it is read again.
pub(crate) struct Provider {
    at_first: Class,
    again: Mutex<Option<Class>>,
    /// How long reading it again takes.
    takes: Duration,
    calls: AtomicUsize,
    rereads: AtomicUsize,
}

impl Provider {
    pub(crate) fn new(at_first: Class, again: Option<Class>) -> Self {
        Self {
            at_first,
            again: Mutex::new(again),
            takes: Duration::ZERO,
            calls: AtomicUsize::default(),
            rereads: AtomicUsize::default(),
        }
    }

    pub(crate) fn reads_again_as(&self, class: Option<Class>) {
        *self.again.lock().unwrap() = class;
    }

    pub(crate) fn called(&self) -> usize {
        self.calls.load(SeqCst)
    }

    pub(crate) fn reread(&self) -> usize {
        self.rereads.load(SeqCst)
    }

    pub(crate) async fn answer(&self, job: Leased, vault: &Vault) -> Result<Outcome, Failure> {
        let (key, _) = job.open(vault).unwrap();
        let before = job.calls_before();
        match job.into_leave() {
            Leave::Call(slot) => {
                slot.spend().await.unwrap();
                self.calls.fetch_add(1, SeqCst);
                let kept = Sealed::new(key.seal("answer", "text/plain", b"an answer"));
                Err(failed(self.at_first).keeping(kept))
            }
            Leave::Reread(_) => {
                let class = *self.again.lock().unwrap();
                tokio::time::sleep(self.takes).await;
                self.rereads.fetch_add(1, SeqCst);
                match class {
                    Some(class) => Err(Failure::new(class, "http_599", "It says so still.")),
                    None => Ok(record(before)),
                }
            }
            Leave::Reuse(answered) => {
                let (_, mut outcome) = answered.open(vault).unwrap();
                outcome.reused = Some(kyc_domain::Reused {
                    verification: answered.verification().to_owned(),
                    answered_at: outcome.call_details.requested_at,
                });
                outcome.call_details.calls = before;
                Ok(outcome)
            }
        }
    }
}

/// By an answer of one call before, that came just now.
fn record(calls_before: u32) -> Outcome {
    let mut outcome = found(calls_before, 0);
    outcome.call_details.calls = calls_before;
    outcome.record = Some(Record::Person(Box::default()));
    outcome
}

pub(crate) fn start(case: &Case, provider: &Arc<Provider>) -> Running {
    let (provider, vault) = (Arc::clone(provider), case.queue.vault().clone());
    let handler = handler(move |job| {
        let (provider, vault) = (Arc::clone(&provider), vault.clone());
        async move { provider.answer(job, &vault).await }
    });
    let rules = Policy {
        first_pause: Duration::from_millis(50),
        longest_store_pause: Duration::from_millis(100),
        damaged_attempts: 1,
        wrong_records: 1,
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(10));
    let config = WorkerConfig {
        circuit: Circuit {
            failures: 100,
            first_pause: Duration::from_millis(50),
            ..Circuit::default()
        },
        ..worker("one")
    };
    start_with(&case.queue, config, handler, decide, Duration::from_secs(5))
}

pub(crate) async fn dead(case: &Case, ids: &[VerificationId]) {
    for id in ids {
        case.dead(*id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_again_calls_nobody_and_stops_no_kind() {
    for again in [
        Class::Damaged,
        Class::Transient,
        Class::Ambiguous,
        Class::Wait,
        Class::Key,
        Class::Wallet,
        Class::Refused,
        Class::WrongRecord,
        Class::Unreadable,
    ] {
        let case = Case::start().await;
        let provider = Arc::new(Provider::new(Class::Damaged, Some(again)));
        let running = start(&case, &provider);
        let mut ids = Vec::new();
        for nth in 0..5 {
            ids.push(case.enqueue(&request("bvn", nth, json!({}))).await.id);
        }
        dead(&case, &ids).await;
        running.stop().await;
        // The circuit of the next worker opens by the first failure.
        let strict = Arc::new(Provider::new(Class::Damaged, Some(again)));
        let vault = case.queue.vault().clone();
        let answers = Arc::clone(&strict);
        let handle = handler(move |job| {
            let (provider, vault) = (Arc::clone(&answers), vault.clone());
            async move { provider.answer(job, &vault).await }
        });
        let config = WorkerConfig {
            circuit: Circuit {
                failures: 1,
                ..Circuit::default()
            },
            ..worker("strict")
        };
        let decide = policy(Policy::default(), Duration::from_millis(10));
        let running = start_with(&case.queue, config, handle, decide, Duration::from_secs(5));
        assert_eq!(case.queue.reread(&ids).await.unwrap(), 5);
        dead(&case, &ids).await;
        assert_eq!((strict.called(), strict.reread()), (0, 5), "{again:?}");
        let parked = case.queue.parked(&KINDS).await.unwrap();
        assert_eq!(parked, [], "{again:?}");
        let known = case.look(ids[0]).await;
        assert_eq!((known.calls, known.answer_retained), (1, true), "{again:?}");
        assert_eq!(case.published().await.len(), 5, "{again:?}: told once");
        // A life of its own, with an end of its own.
        assert_eq!(case.queue.retry(&ids[..1]).await.unwrap(), 1);
        eventually("it is called for", async || {
            (strict.called() == 1).then_some(())
        })
        .await;
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_fault_on_an_answer_ends_some_time() {
    let case = Case::start().await;
    let provider = Arc::new(Provider::new(Class::Unreadable, Some(Class::Internal)));
    let running = start(&case, &provider);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    dead(&case, &[id]).await;
    assert_eq!(case.queue.reread(&[id]).await.unwrap(), 1);
    dead(&case, &[id]).await;
    assert_eq!(provider.called(), 1);
    assert!(
        (2..=8).contains(&provider.reread()),
        "{}",
        provider.reread()
    );
    assert!(case.look(id).await.answer_retained);
    running.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_moment_that_passes_while_an_answer_is_stored_again_is_published() {
    let case = Case::start().await;
    let provider = Arc::new(Provider {
        takes: Duration::from_millis(1500),
        ..Provider::new(Class::Store, Some(Class::Store))
    });
    let running = start(&case, &provider);
    let deadline = (Timestamp::now() + Duration::from_secs(1)).to_string();
    let job = request("bvn", 1, json!({"deadline": deadline}));
    let id = case.enqueue(&job).await.id;
    let known = case.dead(id).await;
    assert_eq!(known.code.as_deref(), Some("deadline_passed"));
    assert_eq!(provider.reread(), 1, "it passed in the worker's hands");
    let published = case.published().await;
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].state, "dead");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_again_is_told_once_and_dead_anew_is_told_anew() {
    let case = Case::start().await;
    let provider = Arc::new(Provider::new(Class::Unreadable, Some(Class::Unreadable)));
    let running = start(&case, &provider);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    dead(&case, &[id]).await;
    for _ in 0..2 {
        case.queue.reread(&[id]).await.unwrap();
        dead(&case, &[id]).await;
    }
    assert_eq!(case.published().await.len(), 1);
    case.queue.retry(&[id]).await.unwrap();
    dead(&case, &[id]).await;
    assert_eq!((provider.called(), case.published().await.len()), (2, 2));
    // Called off while it waits to be read: that is another end.
    running.stop().await;
    case.queue.reread(&[id]).await.unwrap();
    case.queue.cancel(id).await.unwrap();
    let published = case.published().await;
    assert_eq!(published.len(), 3);
    assert_eq!(published[2].state, "cancelled");
    let raw: Vec<String> = case
        .raw()
        .await
        .hkeys(case.key(&format!("job:{id}")))
        .await
        .unwrap();
    assert!(!raw.contains(&"published".to_owned()), "{raw:?}");
}
