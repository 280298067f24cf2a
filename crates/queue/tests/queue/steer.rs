//! What people do by hand: call off, give another life, forget, pause and resume.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
};

use kyc_domain::{Class, VerificationId};
use kyc_queue::{Cancelled, State};
use serde_json::json;
use tokio::sync::Notify;

use crate::support::{
    Case, KINDS, eventually, failed, found, handler, request, start, transient, worker,
};

async fn count_of(case: &Case, what: &str) -> u64 {
    let minutes = case.queue.minutes(3).await.unwrap();
    assert_eq!(minutes.len(), 3);
    minutes
        .iter()
        .filter_map(|minute| minute.counts.get(what))
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_called_off_wherever_it_waits() {
    let case = Case::start().await;
    let later = jiff::Timestamp::now() + std::time::Duration::from_secs(3600);
    let key = json!({"idempotency_key": "again"});
    let in_line = case.enqueue(&request("bvn", 1, key.clone())).await.id;
    let next = case.enqueue(&request("bvn", 2, json!({}))).await.id;
    let terms = json!({"not_before": later.to_string()});
    let scheduled = case.enqueue(&request("nin", 3, terms)).await.id;
    for id in [in_line, scheduled] {
        assert_eq!(case.queue.cancel(id).await.unwrap(), Cancelled::Done);
        let again = case.queue.cancel(id).await.unwrap();
        assert_eq!(again, Cancelled::Ended(State::Cancelled));
        let known = case.look(id).await;
        assert_eq!((known.state, known.calls), (State::Cancelled, 0));
        assert!(known.finished_at.is_some());
    }
    let nobody = VerificationId::generate();
    assert_eq!(case.queue.cancel(nobody).await.unwrap(), Cancelled::Unknown);
    let depths = case.depths().await;
    assert_eq!(
        (depths.ready["bvn"], depths.scheduled, depths.cancelled),
        (1, 0, 2)
    );
    // What was called off keeps its key, like anything that has ended.
    let again = case.enqueue(&request("bvn", 1, key)).await;
    assert_eq!((again.id, again.existing), (in_line, true));

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    case.completed(next).await;
    worker.stop().await;
    case.done().await;
    let states: Vec<_> = case
        .published()
        .await
        .into_iter()
        .map(|entry| entry.state)
        .collect();
    assert_eq!(states, ["cancelled", "cancelled", "completed"]);
    assert_eq!(count_of(&case, "cancelled bvn").await, 1);
    assert_eq!(count_of(&case, "accepted bvn").await, 2);
    assert_eq!(count_of(&case, "completed bvn found").await, 1);
    assert_eq!(count_of(&case, "calls bvn").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_were_called_off_hold_nobody_up() {
    let case = Case::start().await;
    let jobs: Vec<_> = (0..500).map(|nth| request("bvn", nth, json!({}))).collect();
    let mut ids = Vec::new();
    for accepted in case.queue.enqueue_all(&jobs).await {
        ids.push(accepted.unwrap().id);
    }
    let last = ids.pop().unwrap();
    for id in &ids {
        case.queue.cancel(*id).await.unwrap();
    }
    assert_eq!(case.queue.discard(&ids).await.unwrap(), ids.len());
    assert_eq!(case.depths().await.ready["bvn"], 1);
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    case.completed(last).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_that_is_called_off_is_cut_and_its_answer_refused() {
    let case = Case::start().await;
    let (began, cut) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    struct Dropped(Arc<AtomicBool>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, SeqCst);
        }
    }
    let handler = {
        let (began, cut) = (Arc::clone(&began), Arc::clone(&cut));
        handler(move |_| {
            let (began, dropped) = (Arc::clone(&began), Dropped(Arc::clone(&cut)));
            async move {
                let _dropped = dropped;
                began.notify_one();
                std::future::pending().await
            }
        })
    };
    let worker = start(&case.queue, crate::leases::short("one"), handler);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    began.notified().await;
    assert_eq!(case.queue.cancel(id).await.unwrap(), Cancelled::Done);
    assert_eq!(case.depths().await.running, 0);
    eventually("it is cut off", async || cut.load(SeqCst).then_some(())).await;
    let known = case.look(id).await;
    assert_eq!(known.state, State::Cancelled);
    assert_eq!(
        (known.calls, known.unanswered_calls),
        (1, 1),
        "its call may be billed"
    );
    worker.stop().await;
    case.done().await;
    assert_eq!(case.published().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_jobs_get_another_life_and_scheduled_ones_begin_at_once() {
    let case = Case::start().await;
    let mended = Arc::new(AtomicU32::new(0));
    let handler = {
        let mended = Arc::clone(&mended);
        handler(move |job| {
            let mended = mended.load(SeqCst) == 1;
            let (calls, unanswered) = (job.calls_before(), job.unanswered_before());
            async move {
                match job.kind() {
                    _ if mended => Ok(found(calls, unanswered)),
                    "bvn" => Err(failed(Class::Hopeless)),
                    _ => Err(transient()),
                }
            }
        })
    };
    let hour = crate::support::policy(
        kyc_domain::Policy::default(),
        std::time::Duration::from_secs(3600),
    );
    let worker = crate::support::start_with(
        &case.queue,
        worker("one"),
        handler,
        hour,
        std::time::Duration::from_secs(5),
    );
    let job = request(
        "bvn",
        1,
        json!({"idempotency_key": "k", "deadline": "2099-01-01T00:00:00Z"}),
    );
    let dead = case.enqueue(&job).await.id;
    let delayed = case.enqueue(&request("nin", 2, json!({}))).await.id;
    case.dead(dead).await;
    let waiting = eventually("its next attempt is in an hour", async || {
        case.look(delayed)
            .await
            .waiting
            .filter(|waiting| waiting.why == "retry")
    })
    .await;
    assert!(waiting.until.is_some());
    let unknown = VerificationId::generate();

    mended.store(1, SeqCst);
    let both = [dead, delayed, unknown];
    assert_eq!(case.queue.retry(&both).await.unwrap(), 2);
    let alive = case.completed(dead).await;
    assert_eq!(
        (alive.attempts, alive.calls, alive.history.len()),
        (1, 2, 2)
    );
    assert_eq!((alive.code, alive.sentence), (None, None));
    let done = case.completed(delayed).await;
    assert_eq!((done.attempts, done.calls), (2, 2));
    assert_eq!(case.queue.retry(&both).await.unwrap(), 0);
    let again = case.enqueue(&job).await;
    assert_eq!((again.id, again.existing), (dead, true));
    worker.stop().await;
    let mut states: Vec<_> = case
        .published()
        .await
        .into_iter()
        .map(|entry| entry.state)
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["completed", "completed", "dead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_discarded_leaves_no_trace_and_what_has_not_ended_stays() {
    let case = Case::start().await;
    let job = request("bvn", 1, json!({"idempotency_key": "k", "reference": "r"}));
    let ended = case.enqueue(&job).await.id;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    case.completed(ended).await;
    worker.stop().await;
    case.queue.pause("nin").await.unwrap();
    let waits = case.enqueue(&request("nin", 2, json!({}))).await.id;
    assert_eq!(case.queue.discard(&[ended, waits]).await.unwrap(), 1);
    assert!(case.queue.look(ended).await.unwrap().is_none());
    assert_eq!(case.look(waits).await.state, State::Waiting);
    assert!(!case.enqueue(&job).await.existing, "its key is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_kind_sends_nothing_until_it_is_resumed() {
    let case = Case::start().await;
    case.queue.pause("nin").await.unwrap();
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    let paused = case.enqueue(&request("nin", 1, json!({}))).await.id;
    let other = case.enqueue(&request("bvn", 2, json!({}))).await.id;
    case.completed(other).await;
    let waiting = case.look(paused).await.waiting.unwrap();
    assert_eq!((waiting.why.as_str(), waiting.until), ("paused", None));
    let parked = case.queue.parked(&KINDS).await.unwrap();
    assert_eq!(
        (parked[0].kind.as_str(), parked[0].reason.as_str()),
        ("nin", "paused")
    );
    case.queue.resume("nin").await.unwrap();
    case.completed(paused).await;
    worker.stop().await;
    case.done().await;
}

/// A job whose last moment passes while its kind is parked does not wait for a turn that comes too late.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_a_job_while_its_kind_is_paused() {
    let case = Case::start().await;
    case.queue.pause("bvn").await.unwrap();
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    let soon = jiff::Timestamp::now() + std::time::Duration::from_millis(300);
    let id = case
        .enqueue(&request("bvn", 1, json!({"deadline": soon.to_string()})))
        .await
        .id;
    let dead = case.dead(id).await;
    assert_eq!(
        (dead.code.as_deref(), dead.attempts, dead.calls),
        (Some("deadline_passed"), 0, 0)
    );
    assert_eq!(case.depths().await.ready["bvn"], 0);
    worker.stop().await;
    case.done().await;
}

/// It died in the ready queue, where its id still stands: another life must not put it there twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_died_in_line_and_lives_again_is_done_once() {
    let case = Case::start().await;
    case.queue.pause("bvn").await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let counting = {
        let runs = Arc::clone(&runs);
        handler(move |_| {
            runs.fetch_add(1, SeqCst);
            async {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                Ok(found(0, 0))
            }
        })
    };
    let worker = start(&case.queue, worker("one"), counting);
    let soon = jiff::Timestamp::now() + std::time::Duration::from_millis(100);
    let terms = json!({"deadline": soon.to_string()});
    let id = case.enqueue(&request("bvn", 1, terms)).await.id;
    case.dead(id).await;
    assert_eq!(case.depths().await.ready["bvn"], 0);
    assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    assert_eq!(case.depths().await.ready["bvn"], 1);
    case.queue.resume("bvn").await.unwrap();
    case.completed(id).await;
    let next = case.enqueue(&request("bvn", 2, json!({}))).await.id;
    case.completed(next).await;
    assert_eq!(runs.load(SeqCst), 2);
    assert_eq!(case.depths().await.ready["bvn"], 0);
    worker.stop().await;
    let ends = case.published().await;
    let of_it = ends.iter().filter(|end| end.id == id.to_string());
    assert_eq!(of_it.count(), 2, "dead, then completed");
}
