//! Workers that die or stop amid a call, where a person is asked: nobody knows whether it was billed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::VerificationId;
use kyc_queue::{State, WorkerConfig};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::short,
    needs_decision::{held, holding, rules, unanswered},
    support::{Case, Handler, Running, eventually, found, handler, request, start_with},
};

fn begin(case: &Case, config: WorkerConfig, handler: Handler, grace: Duration) -> Running {
    let decide = rules(8);
    start_with(&case.queue, holding(config), handler, decide, grace)
}

const GRACE: Duration = Duration::from_secs(5);

/// Sends its call and waits for ever; and how many were sent.
fn hanging() -> (Handler, Arc<AtomicU32>) {
    let sent = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&sent);
    let handler = handler(move |job| {
        let sent = Arc::clone(&counted);
        async move {
            job.into_leave().slot().unwrap().spend().await.unwrap();
            sent.fetch_add(1, SeqCst);
            std::future::pending().await
        }
    });
    (handler, sent)
}

fn well() -> Handler {
    handler(|job| async move { Ok(found(job.calls_before(), job.unanswered_before())) })
}

/// A worker that crashes amid the call of this job.
async fn crashes_amid(case: &Case, id: VerificationId, name: &str) {
    let (handler, sent) = hanging();
    let queue = case.another_queue().await;
    let decide = rules(8);
    let victim = start_with(&queue, holding(short(name)), handler, decide, GRACE);
    eventually("it is sent", async || {
        (sent.load(SeqCst) == 1).then_some(())
    })
    .await;
    assert_eq!(case.look(id).await.state, State::Running);
    victim.crash();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_is_not_called_again_without_a_decision_and_dies_of_too_many_stalls()
 {
    let case = Case::start().await;
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    for stalls in 1..=2 {
        crashes_amid(&case, id, &format!("victim-{stalls}")).await;
        // It finds the dead one, and takes nothing.
        let other = begin(&case, short("other"), well(), GRACE);
        let known = held(&case, id).await;
        assert_eq!((known.stalls, known.attempts), (stalls, 0));
        assert_eq!((known.calls, known.unanswered_calls), (stalls, stalls));
        assert_eq!(known.code.as_deref(), Some("stalled"));
        other.stop().await;
        assert_eq!(
            case.look(id).await.calls,
            stalls,
            "called again without a decision"
        );
        assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    }
    crashes_amid(&case, id, "victim-3").await;
    let other = begin(&case, short("other"), well(), GRACE);
    let dead = case.dead(id).await;
    assert_eq!((dead.code.as_deref(), dead.stalls), (Some("stalled"), 3));
    let stalls = case.queue.gauges(&["bvn"]).await.unwrap().stalls;
    let key = |end: &str| ("bvn".to_owned(), end.to_owned());
    assert_eq!(stalls, [(key("held"), 2), (key("dead"), 1)].into());
    other.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_job_is_completed_once_a_person_says_so() {
    let case = Case::start().await;
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    crashes_amid(&case, id, "victim").await;
    let other = begin(&case, short("other"), well(), GRACE);
    held(&case, id).await;
    assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    let done = case.completed(id).await;
    assert_eq!((done.attempts, done.stalls, done.calls), (1, 1, 2));
    assert_eq!((done.unanswered_calls, done.code), (1, None));
    other.stop().await;
    case.done().await;
}

/// What a worker holds in Redis and does not know of: nobody can say whether it was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_its_own_worker_lost_is_held_for_a_decision() {
    let case = Case::start().await;
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let mut raw = case.raw().await;
    let job = case.key(&format!("job:{id}"));
    let header: String = raw.hget(&job, "header").await.unwrap();
    // Its kind and priority can be read, its deadline not.
    let odd = header.replacen('{', r#"{"deadline":"odd","#, 1);
    let _: () = raw.hset(&job, "header", odd).await.unwrap();
    let worker = begin(&case, short("one"), well(), GRACE);
    eventually("it waits for a person", async || {
        (case.depths().await.needs_decision == 1).then_some(())
    })
    .await;
    let _: () = raw.hset(&job, "header", header).await.unwrap();
    assert_eq!(held(&case, id).await.stalls, 1);
    assert_eq!(case.queue.retry(&[id]).await.unwrap(), 1);
    case.completed(id).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_back_amid_its_call_is_held_for_a_decision_and_what_was_not_sent_goes_on() {
    let case = Case::start().await;
    let (hangs, sent) = hanging();
    let begun = Arc::new(AtomicU32::new(0));
    let both = {
        let begun = Arc::clone(&begun);
        handler(move |job| {
            let (begun, hangs) = (Arc::clone(&begun), Arc::clone(&hangs));
            async move {
                begun.fetch_add(1, SeqCst);
                if job.kind() == "bvn" {
                    return hangs(job).await;
                }
                // Its slot is never used.
                std::future::pending().await
            }
        })
    };
    let config = crate::support::worker("one");
    let first = begin(&case, config, both, Duration::from_millis(100));
    let amid = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let unsent = case.enqueue(&request("nin", 2, json!({}))).await.id;
    eventually("both are under way", async || {
        (sent.load(SeqCst) == 1 && begun.load(SeqCst) == 2).then_some(())
    })
    .await;
    first.stop().await;
    let known = held(&case, amid).await;
    assert_eq!((known.attempts, known.stalls, known.calls), (0, 0, 1));
    assert_eq!(known.code.as_deref(), Some("handed_back"));
    let depths = case.depths().await;
    assert_eq!((depths.needs_decision, depths.ready["nin"]), (1, 1));
    let second = begin(&case, crate::support::worker("two"), well(), GRACE);
    assert_eq!(case.completed(unsent).await.calls, 1);
    assert_eq!(
        case.look(amid).await.calls,
        1,
        "called again without a decision"
    );
    assert_eq!(case.queue.retry(&[amid]).await.unwrap(), 1);
    assert_eq!(case.completed(amid).await.unanswered_calls, 1);
    second.stop().await;
    case.done().await;
}

/// A full Redis takes nothing new; what is there can be held for a decision, called again and called off.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_loses_no_question() {
    let case = Case::start().await;
    let raw = case.raw().await;
    let mut ids = Vec::new();
    for nth in 0..2 {
        ids.push(case.enqueue(&request("bvn", nth, json!({}))).await.id);
    }
    let set = async |value: &str| {
        redis::cmd("CONFIG")
            .arg(&["SET", "maxmemory", value])
            .exec_async(&mut raw.clone())
            .await
            .unwrap();
    };
    let calls = Arc::new(AtomicU32::new(0));
    let once = {
        let calls = Arc::clone(&calls);
        handler(move |job| {
            let nth = calls.fetch_add(1, SeqCst);
            let (before, lost) = (job.calls_before(), job.unanswered_before());
            async move {
                if nth < 2 {
                    Err(unanswered())
                } else {
                    Ok(found(before, lost))
                }
            }
        })
    };
    set("1").await;
    assert!(
        case.queue
            .enqueue(&request("bvn", 9, json!({})))
            .await
            .is_err()
    );
    let worker = begin(&case, crate::support::worker("one"), once, GRACE);
    for id in &ids {
        held(&case, *id).await;
    }
    assert_eq!(case.queue.retry(&ids[..1]).await.unwrap(), 1);
    case.completed(ids[0]).await;
    case.queue.cancel(ids[1]).await.unwrap();
    assert_eq!(case.look(ids[1]).await.state, State::Cancelled);
    assert_eq!(calls.load(SeqCst), 3);
    set("0").await;
    worker.stop().await;
    case.done().await;
}
