//! One answer for all who ask the same: who shares it, who does not, and for how long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{Class, Failure, Outcome, Record, Request, Reused};
use kyc_queue::{Leased, Leave, Limits, Queue, Reuse, State};
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::support::{Case, Handler, KINDS, found, handler, request, start, worker};

const HOUR: Duration = Duration::from_secs(3600);

/// A queue that reuses answers of BVNs for an hour.
pub(crate) async fn case() -> Case {
    case_with(Reuse::default().with("bvn", None, HOUR)).await
}

pub(crate) async fn case_with(reuse: Reuse) -> Case {
    Case::with(|config| config.reuse = reuse, Options::default()).await
}

/// A job for always the same number.
pub(crate) fn same(more: Value) -> Request {
    request("bvn", 1, more)
}

/// A source: how often it was asked, how long it takes, what it says.
#[derive(Clone, Default)]
pub(crate) struct Provider {
    pub(crate) calls: Arc<AtomicUsize>,
    pub(crate) reused: Arc<AtomicUsize>,
    pub(crate) takes: Duration,
    pub(crate) knows_nobody: bool,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self {
            takes: Duration::from_millis(50),
            ..Self::default()
        }
    }

    pub(crate) fn asked(&self) -> usize {
        self.calls.load(SeqCst)
    }

    /// What the pipeline does, in small.
    pub(crate) fn handler(&self, queue: &Queue) -> Handler {
        let (provider, vault) = (self.clone(), queue.vault().clone());
        handler(move |job| {
            let (provider, vault) = (provider.clone(), vault.clone());
            async move { provider.answer(job, &vault).await }
        })
    }

    async fn answer(&self, job: Leased, vault: &kyc_vault::Vault) -> Result<Outcome, Failure> {
        let (calls, unanswered) = (job.calls_before(), job.unanswered_before());
        match job.into_leave() {
            Leave::Call(slot) => {
                let spent = slot.spend().await;
                spent.map_err(|missed| Failure::new(Class::Missed, missed.code(), "Missed."))?;
                self.calls.fetch_add(1, SeqCst);
                tokio::time::sleep(self.takes).await;
                let person = || Record::Person(Box::default());
                Ok(Outcome {
                    record: (!self.knows_nobody).then(person),
                    ..found(calls, unanswered)
                })
            }
            Leave::Reread(_) => unreachable_answer(),
            Leave::Reuse(answered) => {
                self.reused.fetch_add(1, SeqCst);
                let Ok((_, mut outcome)) = answered.open(vault) else {
                    return Err(Failure::new(
                        Class::Missed,
                        "answer_unreadable",
                        "It does not open.",
                    ));
                };
                outcome.reused = Some(Reused {
                    verification: answered.verification().to_owned(),
                    answered_at: outcome.call_details.requested_at,
                });
                outcome.call_details.calls = calls;
                Ok(outcome)
            }
        }
    }
}

/// Nothing is left of a question but its answer.
pub(crate) async fn nothing_is_left(case: &Case) {
    case.done().await;
    let mut raw = case.raw().await;
    for pattern in ["leader:*", "followers:*", "ready:*", "answered"] {
        let left: Vec<String> = raw.keys(case.key(pattern)).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_calls_and_the_others_have_its_answer() {
    let case = case().await;
    let limits = Limits {
        in_flight: Some(2),
        ..Limits::default()
    };
    case.queue.set_limits("bvn", &limits).await.unwrap();
    let provider = Provider::new();
    let handle = || provider.handler(&case.queue);
    let workers = ["one", "two"].map(|name| start(&case.queue, worker(name), handle()));
    let jobs: Vec<Request> = (0..350)
        .map(|nth| same(json!({"reference": format!("r-{nth}")})))
        .collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let mut saved = 0;
    for job in accepted {
        let known = case.completed(job.unwrap().id).await;
        let outcome = known.outcome.unwrap();
        assert_eq!(known.calls, u32::from(outcome.reused.is_none()));
        if outcome.reused.is_some() {
            saved += 1;
            assert_eq!(known.history[0].class, "reused");
        }
    }
    assert_eq!((provider.asked(), saved), (1, 349));
    let minutes = case.queue.minutes(2).await.unwrap();
    let count = |name: &str| -> u64 {
        let counts = minutes.iter().filter_map(|minute| minute.counts.get(name));
        counts.sum()
    };
    assert_eq!((count("calls bvn"), count("saved bvn")), (1, 349));
    // No limit knows of what was not sent.
    let limiters = case.queue.limiters(&KINDS).await.unwrap();
    for limiter in limiters.iter().filter(|limiter| limiter.scope != "nin") {
        assert_eq!(
            (limiter.used_today, limiter.in_flight),
            (1, 0),
            "{}",
            limiter.scope
        );
    }
    for worker in workers {
        worker.stop().await;
    }
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_window_every_job_calls() {
    let case = case_with(Reuse::default().with("nin", None, HOUR)).await;
    let provider = Provider::new();
    let jobs: Vec<Request> = (0..20).map(|_| same(json!({}))).collect();
    for job in case.queue.enqueue_all(&jobs).await {
        job.unwrap();
    }
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    crate::support::eventually("all are done", async || {
        (case.depths().await.completed == 20).then_some(())
    })
    .await;
    worker.stop().await;
    assert_eq!(provider.asked(), 20);
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shared_across_tenants_purposes_kinds_and_numbers() {
    let hour = |reuse: Reuse, kind| reuse.with(kind, None, HOUR);
    let case = case_with(hour(hour(Reuse::default(), "bvn"), "nin").with(
        "bvn",
        Some("card"),
        Duration::ZERO,
    ))
    .await;
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    let different = [
        same(json!({})),
        same(json!({"tenant": "other"})),
        same(json!({"purpose": "loan"})),
        same(json!({"purpose": "wallet"})),
        same(json!({"tenant": "other", "purpose": "loan"})),
        request("bvn", 2, json!({})),
        request("nin", 1, json!({})),
    ];
    for calls in [different.len(), 0] {
        let before = provider.asked();
        for job in case.queue.enqueue_all(&different).await {
            case.completed(job.unwrap().id).await;
        }
        assert_eq!(provider.asked() - before, calls);
    }
    // Turned off for a purpose.
    for _ in 0..2 {
        let before = provider.asked();
        let job = case.enqueue(&same(json!({"purpose": "card"}))).await;
        case.completed(job.id).await;
        assert_eq!(provider.asked() - before, 1);
    }
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_grows_old_and_a_fresh_one_can_be_asked_for() {
    let window = Duration::from_millis(1500);
    let case = case_with(Reuse::default().with("bvn", None, window)).await;
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    let ask = async |more: Value| {
        let known = case.completed(case.enqueue(&same(more)).await.id).await;
        (provider.asked(), known.outcome.unwrap().reused.is_some())
    };
    assert_eq!(ask(json!({})).await, (1, false));
    assert_eq!(ask(json!({})).await, (1, true));
    assert_eq!(ask(json!({"fresh": true})).await, (2, false));
    assert_eq!(ask(json!({})).await, (2, true));
    tokio::time::sleep(window).await;
    assert_eq!(ask(json!({})).await, (3, false), "its time is over");
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_there_is_no_record_is_shared_by_those_who_waited_and_not_kept() {
    let case = case().await;
    let provider = Provider {
        knows_nobody: true,
        ..Provider::new()
    };
    let jobs: Vec<Request> = (0..30).map(|_| same(json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    for job in accepted {
        case.completed(job.unwrap().id).await;
    }
    assert_eq!(provider.asked(), 1);
    // Registers get new records.
    case.completed(case.enqueue(&same(json!({}))).await.id)
        .await;
    assert_eq!(provider.asked(), 2);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_passes_a_kind_that_is_closed() {
    let case = case().await;
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    case.completed(case.enqueue(&same(json!({}))).await.id)
        .await;
    case.queue.pause("bvn").await.unwrap();
    let known = case
        .completed(case.enqueue(&same(json!({}))).await.id)
        .await;
    assert!(known.outcome.unwrap().reused.is_some());
    let other = case.enqueue(&request("bvn", 2, json!({}))).await;
    assert_eq!(case.look(other.id).await.state, State::Waiting);
    case.queue.resume("bvn").await.unwrap();
    case.completed(other.id).await;
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_is_nowhere_but_sealed() {
    let case = case().await;
    let jobs: Vec<Request> = (0..3).map(|_| same(json!({}))).collect();
    for job in case.queue.enqueue_all(&jobs).await {
        job.unwrap();
    }
    let mut raw = case.raw().await;
    let keys: Vec<String> = raw.keys("*").await.unwrap();
    assert!(keys.iter().any(|key| key.contains("leader:")), "{keys:?}");
    let number = crate::support::number(1);
    for key in keys {
        assert!(!key.contains(&number), "{key}");
        let dump: Vec<u8> = redis::cmd("DUMP")
            .arg(&key)
            .query_async(&mut raw)
            .await
            .unwrap();
        let shows = dump
            .windows(number.len())
            .any(|window| window == number.as_bytes());
        assert!(!shows, "{key}");
    }
}

/// Nothing is kept in these tests.
fn unreachable_answer() -> Result<Outcome, Failure> {
    Err(Failure::new(
        Class::Internal,
        "retained",
        "No answer is kept here.",
    ))
}
