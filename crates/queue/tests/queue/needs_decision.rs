//! Calls that may have been billed, where a person is asked: nothing calls again until one says so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use jiff::Timestamp;
use kyc_domain::{AmbiguousCalls, Call, Class, Failure, Policy, VerificationId};
use kyc_queue::{
    Cancelled, Circuit, Decide, Filter, Place, Seen, State, Verification, WorkerConfig,
};
use serde_json::json;

use crate::support::{
    Case, Handler, KINDS, Running, eventually, found, handler, policy, request, start_with, worker,
};

/// A worker that asks.
pub(crate) fn holding(config: WorkerConfig) -> WorkerConfig {
    WorkerConfig {
        ambiguous_calls: AmbiguousCalls::Hold,
        ..config
    }
}

/// The rules of such a worker.
pub(crate) fn rules(max_attempts: u32) -> Decide {
    let rules = Policy {
        max_attempts,
        ambiguous_calls: AmbiguousCalls::Hold,
        ..Policy::default()
    };
    policy(rules, Duration::from_millis(5))
}

/// A call that was sent and had no answer.
pub(crate) fn unanswered() -> Failure {
    let failure = Failure::new(Class::Ambiguous, "cut_after_send", "The connection broke.");
    failure.after(Call {
        sent: true,
        unanswered: true,
        http_status: None,
        ms: 3,
    })
}

/// So many calls have no answer, those behind them find a record; and how many there were.
fn unanswered_first(count: u32) -> (Handler, Arc<AtomicU32>) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let handler = handler(move |job| {
        let nth = counted.fetch_add(1, SeqCst);
        let (calls, unanswered_before) = (job.calls_before(), job.unanswered_before());
        async move {
            if nth < count {
                Err(unanswered())
            } else {
                Ok(found(calls, unanswered_before))
            }
        }
    });
    (handler, calls)
}

/// The job once it waits for a person.
pub(crate) async fn held(case: &Case, id: VerificationId) -> Verification {
    eventually("it waits for a person", async || {
        let known = case.look(id).await;
        let waiting = known.waiting.as_ref()?;
        let is_held = waiting.why == "may_be_billed";
        if is_held {
            assert_eq!((waiting.until, waiting.ahead), (None, None));
            assert!(waiting.is_for_a_person());
        }
        is_held.then_some(known)
    })
    .await
}

/// Long enough for a worker that would call again to do so.
async fn for_a_while() {
    tokio::time::sleep(Duration::from_millis(400)).await;
}

fn begin(case: &Case, config: WorkerConfig, handler: Handler, attempts: u32) -> Running {
    let grace = Duration::from_secs(5);
    start_with(
        &case.queue,
        holding(config),
        handler,
        rules(attempts),
        grace,
    )
}

async fn ids(case: &Case, filter: &Filter) -> Vec<VerificationId> {
    let page = case.queue.jobs(filter, &KINDS, None, 10).await.unwrap();
    page.jobs.iter().map(|job| job.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_an_answer_is_made_again_when_a_person_says_so() {
    let case = Case::start().await;
    let (handler, calls) = unanswered_first(1);
    let worker = begin(&case, worker("one"), handler, 8);
    let job = request("bvn", 1, json!({"idempotency_key": "k"}));
    let id = case.enqueue(&job).await.id;
    let known = held(&case, id).await;
    assert_eq!(
        (known.state, known.attempts, known.calls),
        (State::Waiting, 1, 1)
    );
    assert_eq!(known.unanswered_calls, 1);
    assert_eq!(known.code.as_deref(), Some("cut_after_send"));
    assert_eq!(known.history[0].class, "ambiguous");
    for_a_while().await;
    assert_eq!(calls.load(SeqCst), 1, "called again without a decision");
    assert!(case.published().await.is_empty());
    let again = case.enqueue(&job).await;
    assert_eq!((again.id, again.existing), (id, true));
    assert_eq!(case.queue.discard(&[id]).await.unwrap(), 0);

    let at = case.queue.now().await.unwrap();
    // Whoever means jobs of another place does not mean this one.
    for place in [Place::Scheduled, Place::Dead, Place::Waiting] {
        let seen = Some(Seen { place, at });
        assert_eq!(case.queue.retry_if(seen, &[id]).await.unwrap(), 0);
    }
    let seen = Some(Seen {
        place: Place::NeedsDecision,
        at,
    });
    let retried = case.queue.retry_if(seen, &[id]).await.unwrap();
    assert_eq!(retried, 1);
    let done = case.completed(id).await;
    assert_eq!(
        (done.attempts, done.calls, done.unanswered_calls),
        (2, 2, 1)
    );
    assert_eq!(calls.load(SeqCst), 2);
    assert_eq!(case.queue.retry(&[id]).await.unwrap(), 0);
    worker.stop().await;
    case.done().await;
}

/// It is not dead: the attempts that it spent stay spent, and the last one ends it.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_that_is_missing_spends_an_attempt() {
    let case = Case::start().await;
    let (handler, calls) = unanswered_first(u32::MAX);
    let worker = begin(&case, worker("one"), handler, 3);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    for attempt in 1..3 {
        let known = held(&case, id).await;
        assert_eq!((known.attempts, known.calls), (attempt, attempt));
        assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    }
    let dead = case.dead(id).await;
    assert_eq!((dead.attempts, dead.unanswered_calls), (3, 3));
    assert_eq!(calls.load(SeqCst), 3);
    // Another life, another question.
    assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    assert_eq!(held(&case, id).await.attempts, 1);
    assert_eq!(case.queue.cancel(id).await.unwrap(), Cancelled::Done);
    worker.stop().await;
    let ends = case.published().await;
    let states: Vec<_> = ends.iter().map(|end| end.state.as_str()).collect();
    assert_eq!(states, ["dead", "cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_for_a_decision_is_listed_counted_and_called_off() {
    let case = Case::start().await;
    let (handler, calls) = unanswered_first(u32::MAX);
    let worker = begin(&case, worker("one"), handler, 8);
    let mut all = Vec::new();
    for (kind, tenant) in [("bvn", "bank"), ("nin", "bank"), ("nin", "other")] {
        let job = request(kind, all.len(), json!({"tenant": tenant}));
        all.push(case.enqueue(&job).await.id);
        held(&case, all[all.len() - 1]).await;
    }
    let everywhere = Filter::all(Place::NeedsDecision);
    assert_eq!(
        ids(&case, &everywhere).await,
        all,
        "who waits longest first"
    );
    let page = case.queue.jobs(&everywhere, &KINDS, None, 2).await.unwrap();
    let rest = case
        .queue
        .jobs(&everywhere, &KINDS, page.next.as_deref(), 2);
    assert_eq!(rest.await.unwrap().jobs[0].id, all[2]);
    let some = |value: &str| Some(value.to_owned());
    for (filter, expected) in [
        (
            Filter {
                kind: some("nin"),
                ..everywhere.clone()
            },
            &all[1..],
        ),
        (
            Filter {
                tenant: some("bank"),
                ..everywhere.clone()
            },
            &all[..2],
        ),
        (
            Filter {
                code: some("cut_after_send"),
                ..everywhere.clone()
            },
            &all[..],
        ),
        (
            Filter {
                code: some("http_500"),
                ..everywhere.clone()
            },
            &[],
        ),
    ] {
        assert_eq!(ids(&case, &filter).await, expected, "{filter:?}");
        let chosen = case.queue.select(&filter, &KINDS).await.unwrap();
        assert_eq!(chosen, expected, "{filter:?}");
    }
    for place in [
        Place::Waiting,
        Place::Scheduled,
        Place::Running,
        Place::Dead,
    ] {
        assert!(ids(&case, &Filter::all(place)).await.is_empty(), "{place}");
    }

    let gauges = case.queue.gauges(&KINDS).await.unwrap();
    assert_eq!(
        (gauges.depths.needs_decision, gauges.depths.scheduled),
        (3, 0)
    );
    assert!(gauges.oldest.needs_decision.unwrap() > Duration::ZERO);
    let counts = case.queue.minutes(2).await.unwrap();
    let asked = counts
        .iter()
        .filter_map(|minute| minute.counts.get("held nin"));
    assert_eq!(asked.sum::<u64>(), 2);

    for id in &all {
        assert_eq!(case.queue.cancel(*id).await.unwrap(), Cancelled::Done);
        let known = case.look(*id).await;
        assert_eq!((known.state, known.calls), (State::Cancelled, 1));
    }
    assert_eq!(case.queue.retry(&all).await.unwrap(), 0);
    assert_eq!(case.depths().await.needs_decision, 0);
    assert_eq!(calls.load(SeqCst), 3);
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_what_nobody_decided() {
    let case = Case::start().await;
    let (handler, calls) = unanswered_first(u32::MAX);
    let worker = begin(&case, worker("one"), handler, 8);
    let soon = Timestamp::now() + Duration::from_secs(2);
    let job = request("bvn", 1, json!({"deadline": soon.to_string()}));
    let id = case.enqueue(&job).await.id;
    held(&case, id).await;
    let dead = case.dead(id).await;
    assert_eq!(dead.code.as_deref(), Some("deadline_passed"));
    assert_eq!((dead.calls, case.depths().await.needs_decision), (1, 0));
    assert_eq!(calls.load(SeqCst), 1);
    worker.stop().await;
    case.done().await;
}

/// An outage: the circuit opens by these very calls, tries the provider one call at a time, and asks about each of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_circuit_that_opens_or_is_open_asks_all_the_same() {
    let case = Case::start().await;
    let (handler, calls) = unanswered_first(u32::MAX);
    let config = WorkerConfig {
        concurrency: 1,
        circuit: Circuit {
            failures: 3,
            window: Duration::from_secs(5),
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_millis(100),
        },
        ..worker("one")
    };
    // The first attempt is the last: what the circuit does not count is held for a decision, too, and not called again.
    let worker = begin(&case, config, handler, 1);
    let jobs: Vec<_> = (0..6).map(|nth| request("bvn", nth, json!({}))).collect();
    let mut all = Vec::new();
    for accepted in case.queue.enqueue_all(&jobs).await {
        all.push(accepted.unwrap().id);
    }
    // Two are dead before it opens; of the others no attempt counts.
    eventually("all were called for", async || {
        (case.depths().await.needs_decision == 4).then_some(())
    })
    .await;
    for_a_while().await;
    assert_eq!(calls.load(SeqCst), 6, "one call for each");
    let depths = case.depths().await;
    assert_eq!((depths.needs_decision, depths.dead), (4, 2));
    for id in ids(&case, &Filter::all(Place::NeedsDecision)).await {
        let known = held(&case, id).await;
        assert_eq!((known.attempts, known.unanswered_calls), (0, 1));
        assert_eq!(case.queue.cancel(id).await.unwrap(), Cancelled::Done);
    }
    worker.stop().await;
    case.done().await;
}
