//! Who asks for all that ask the same, while that one waits, tries again, or loses its worker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{Class, Policy, VerificationId};
use kyc_queue::{Cancelled, Filter, Place, State};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    reuse::{Provider, case, nothing_is_left, same},
    support::{
        Case, Handler, KINDS, eventually, failed, handler, policy, request, start, start_with,
        worker,
    },
};

pub(crate) async fn enqueue(case: &Case, more: serde_json::Value) -> VerificationId {
    case.enqueue(&same(more)).await.id
}

/// Why a job waits, and for whom.
async fn why(case: &Case, id: VerificationId) -> (String, Option<VerificationId>) {
    let waiting = case.look(id).await.waiting.unwrap();
    (waiting.why, waiting.leader)
}

/// The first call of all fails, the others are answered.
fn fails_once(case: &Case, provider: &Provider) -> Handler {
    let tried = Arc::new(AtomicBool::new(false));
    let answers = provider.handler(&case.queue);
    handler(move |job| {
        let is_first = !tried.swap(true, SeqCst);
        let answers = Arc::clone(&answers);
        async move {
            if !is_first {
                return answers(job).await;
            }
            job.into_leave().slot().unwrap().spend().await.unwrap();
            Err(failed(Class::Transient))
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_is_listed_says_for_whom_it_waits_and_can_be_called_off() {
    let case = case().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(enqueue(&case, json!({})).await);
    }
    assert_eq!(why(&case, ids[0]).await, ("ready".to_owned(), None));
    for id in &ids[1..] {
        assert_eq!(
            why(&case, *id).await,
            ("coalesced".to_owned(), Some(ids[0]))
        );
    }
    let depths = case.depths().await;
    assert_eq!((depths.ready["bvn"], depths.coalesced), (1, 3));
    let waiting = Filter::all(Place::Waiting);
    let mut listed = case.queue.select(&waiting, &KINDS).await.unwrap();
    // Those of one millisecond stand in any order.
    listed[1..].sort();
    let mut others = ids[1..].to_vec();
    others.sort();
    assert_eq!((listed[0], &listed[1..]), (ids[0], &others[..]));
    let cancel = async |id| case.queue.cancel(id).await.unwrap();
    assert_eq!(cancel(ids[1]).await, Cancelled::Done);
    // The one that leads goes: the next one leads.
    assert_eq!(cancel(ids[0]).await, Cancelled::Done);
    let (next, last) = match why(&case, ids[2]).await.0.as_str() {
        "ready" => (ids[2], ids[3]),
        _ => (ids[3], ids[2]),
    };
    assert_eq!(why(&case, next).await, ("ready".to_owned(), None));
    let follows = ("coalesced".to_owned(), Some(next));
    assert_eq!(why(&case, last).await, follows);
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    for id in &ids[2..] {
        case.completed(*id).await;
    }
    assert_eq!(provider.asked(), 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_leader_tries_again_the_others_wait_for_it() {
    let case = case().await;
    let provider = Provider::new();
    let flaky = fails_once(&case, &provider);
    let first = enqueue(&case, json!({})).await;
    let second = enqueue(&case, json!({})).await;
    let worker = start(&case.queue, worker("one"), flaky);
    assert_eq!(case.completed(first).await.calls, 2);
    assert_eq!(case.completed(second).await.calls, 0);
    assert_eq!(provider.asked(), 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_more_urgent_job_takes_the_lead_of_one_that_still_waits() {
    let case = case().await;
    for nth in 10..60 {
        case.enqueue(&request("bvn", nth, json!({"priority": "low"})))
            .await;
    }
    let low = enqueue(&case, json!({"priority": "low"})).await;
    let normal = enqueue(&case, json!({})).await;
    let high = enqueue(&case, json!({"priority": "high"})).await;
    assert_eq!(why(&case, high).await, ("ready".to_owned(), None));
    for id in [low, normal] {
        assert_eq!(why(&case, id).await, ("coalesced".to_owned(), Some(high)));
    }
    case.queue.cancel(high).await.unwrap();
    assert_eq!(
        why(&case, normal).await.0,
        "ready",
        "the next most urgent leads"
    );
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    for id in [low, normal] {
        case.completed(id).await;
    }
    eventually("all are done", async || {
        (case.depths().await.completed == 52).then_some(())
    })
    .await;
    assert_eq!(provider.asked(), 51);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_jobs_that_are_accepted_together_the_most_urgent_leads() {
    let case = case().await;
    let jobs = ["low", "normal", "high", "low"].map(|priority| same(json!({"priority": priority})));
    let accepted = case.queue.enqueue_all(&jobs).await;
    let ids: Vec<VerificationId> = accepted.into_iter().map(|job| job.unwrap().id).collect();
    assert_eq!(why(&case, ids[2]).await, ("ready".to_owned(), None));
    for id in [ids[0], ids[1], ids[3]] {
        let follows = ("coalesced".to_owned(), Some(ids[2]));
        assert_eq!(why(&case, id).await, follows);
    }
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    for id in ids {
        case.completed(id).await;
    }
    assert_eq!(provider.asked(), 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_worker_dies_still_leads() {
    let case = case().await;
    let hanging = handler(|job| async move {
        job.into_leave().slot().unwrap().spend().await.unwrap();
        std::future::pending().await
    });
    let config = kyc_queue::WorkerConfig {
        lease: Duration::from_millis(600),
        ..worker("hanging")
    };
    let hanging = start(&case.queue, config, hanging);
    let leader = enqueue(&case, json!({})).await;
    eventually("it runs", async || {
        (case.look(leader).await.state == State::Running).then_some(())
    })
    .await;
    let follower = enqueue(&case, json!({})).await;
    assert_eq!(
        why(&case, follower).await,
        ("coalesced".to_owned(), Some(leader))
    );
    hanging.crash();
    let provider = Provider::new();
    let good = start(&case.queue, worker("good"), provider.handler(&case.queue));
    assert_eq!(case.completed(leader).await.calls, 2);
    assert_eq!(case.completed(follower).await.calls, 0);
    assert_eq!(provider.asked(), 1);
    assert!(provider.reused.load(SeqCst) == 1);
    good.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_more_urgent_job_does_not_wait_for_another_one_s_next_attempt() {
    let case = case().await;
    let provider = Provider::new();
    let flaky = fails_once(&case, &provider);
    let decide = policy(Policy::default(), Duration::from_secs(3600));
    let grace = Duration::from_secs(5);
    let worker = start_with(&case.queue, worker("one"), flaky, decide, grace);
    let low = enqueue(&case, json!({"priority": "low"})).await;
    eventually("its next attempt is far", async || {
        (case.depths().await.scheduled == 1).then_some(())
    })
    .await;
    let equal = enqueue(&case, json!({"priority": "low"})).await;
    assert_eq!(why(&case, equal).await, ("coalesced".to_owned(), Some(low)));
    let high = enqueue(&case, json!({"priority": "high"})).await;
    assert_eq!(case.completed(high).await.calls, 1);
    assert_eq!(case.completed(equal).await.calls, 0);
    // Whose time comes finds the answer.
    assert_eq!(case.queue.retry(&[low]).await.unwrap(), 1);
    assert_eq!(case.completed(low).await.calls, 1);
    assert_eq!(provider.asked(), 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_a_version_before_has_ended_holds_up_nobody() {
    let case = case().await;
    let leader = enqueue(&case, json!({})).await;
    let follower = enqueue(&case, json!({})).await;
    // As that version ends a job: it knows of its ready queue, and of no coalescing key.
    let mut raw = case.raw().await;
    let _: () = raw
        .zrem(case.key("ready:bvn:normal"), leader.to_string())
        .await
        .unwrap();
    let progress = json!({"state": "cancelled", "code": "cancelled"}).to_string();
    let _: () = raw
        .hset(case.key(&format!("job:{leader}")), "progress", progress)
        .await
        .unwrap();
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    let next = enqueue(&case, json!({})).await;
    for id in [next, follower] {
        case.completed(id).await;
    }
    assert_eq!(provider.asked(), 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}
