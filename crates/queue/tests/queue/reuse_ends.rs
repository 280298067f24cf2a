//! Jobs that follow another one, when that one fails, ends, or brings its worker down: somebody always leads.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use jiff::Timestamp;
use kyc_domain::{Class, Failure, Policy, Resend, VerificationId};
use kyc_queue::{Cancelled, Filter, Place, State};
use serde_json::json;

use crate::{
    reuse::{Source, case, nothing_is_left, same},
    support::{
        Case, KINDS, eventually, failed, handler, policy, request, start, start_with, worker,
    },
};

async fn enqueue(case: &Case, more: serde_json::Value) -> VerificationId {
    case.enqueue(&same(more)).await.id
}

/// Why a job waits, and for whom.
async fn why(case: &Case, id: VerificationId) -> (String, Option<VerificationId>) {
    let waiting = case.look(id).await.waiting.unwrap();
    (waiting.why, waiting.leader)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_is_listed_says_for_whom_it_waits_and_can_be_called_off() {
    let case = case().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(enqueue(&case, json!({})).await);
    }
    assert_eq!(why(&case, ids[0]).await, ("in_line".to_owned(), None));
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
        "in_line" => (ids[2], ids[3]),
        _ => (ids[3], ids[2]),
    };
    assert_eq!(why(&case, next).await, ("in_line".to_owned(), None));
    let follows = ("coalesced".to_owned(), Some(next));
    assert_eq!(why(&case, last).await, follows);
    let source = Source::new();
    let worker = start(&case.queue, worker("one"), source.handler(&case.queue));
    for id in &ids[2..] {
        case.completed(*id).await;
    }
    assert_eq!(source.asked(), 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}

/// Every call fails; the third attempt is the last.
async fn failing(case: &Case) -> (crate::support::Running, Source) {
    let source = Source::new();
    let calls = source.calls.clone();
    let failing = handler(move |job| {
        let calls = calls.clone();
        async move {
            let slot = job.into_leave().slot().expect("there is no answer");
            slot.spend().await.unwrap();
            calls.fetch_add(1, SeqCst);
            Err(failed(Class::Transient))
        }
    });
    let rules = Policy {
        max_attempts: 3,
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(20));
    let grace = Duration::from_secs(5);
    let worker = start_with(&case.queue, worker("one"), failing, decide, grace);
    (worker, source)
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_source_fails_for_good_takes_its_followers_along() {
    let case = case().await;
    let mut ids = Vec::new();
    for _ in 0..150 {
        ids.push(enqueue(&case, json!({})).await);
    }
    let (worker, source) = failing(&case).await;
    let mut calls = 0;
    for id in ids {
        let known = case.dead(id).await;
        assert_eq!(known.code.as_deref(), Some("http_599"));
        assert_eq!(known.attempts, known.calls);
        if known.calls == 0 {
            assert_eq!(known.history.last().unwrap().class, "shared");
        }
        calls += known.calls;
    }
    // A hundred at once, and the rest with another leader.
    assert_eq!((source.asked(), calls), (6, 6));
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_of_one_s_own_are_made_by_oneself() {
    let case = case().await;
    let mut ids = Vec::new();
    for attempts in [2, 1, 2] {
        ids.push(enqueue(&case, json!({"max_attempts": attempts})).await);
    }
    let (worker, source) = failing(&case).await;
    for (id, attempts) in ids.into_iter().zip([2, 1, 2]) {
        let known = case.dead(id).await;
        assert_eq!((known.attempts, known.calls), (attempts, attempts));
    }
    assert_eq!(source.asked(), 5);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_leader_tries_again_the_others_wait_for_it() {
    let case = case().await;
    let source = Source::new();
    let answers = source.handler(&case.queue);
    let tried = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flaky = handler(move |job| {
        let is_first = !tried.swap(true, SeqCst);
        let answers = std::sync::Arc::clone(&answers);
        async move {
            if !is_first {
                return answers(job).await;
            }
            job.into_leave().slot().unwrap().spend().await.unwrap();
            Err(failed(Class::Transient))
        }
    });
    let first = enqueue(&case, json!({})).await;
    let second = enqueue(&case, json!({})).await;
    let worker = start(&case.queue, worker("one"), flaky);
    assert_eq!(case.completed(first).await.calls, 2);
    assert_eq!(case.completed(second).await.calls, 0);
    assert_eq!(source.asked(), 1);
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
    assert_eq!(why(&case, high).await, ("in_line".to_owned(), None));
    for id in [low, normal] {
        assert_eq!(why(&case, id).await, ("coalesced".to_owned(), Some(high)));
    }
    case.queue.cancel(high).await.unwrap();
    assert_eq!(
        why(&case, normal).await.0,
        "in_line",
        "the next most urgent leads"
    );
    let source = Source::new();
    let worker = start(&case.queue, worker("one"), source.handler(&case.queue));
    for id in [low, normal] {
        case.completed(id).await;
    }
    eventually("all are done", async || {
        (case.depths().await.completed == 52).then_some(())
    })
    .await;
    assert_eq!(source.asked(), 51);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn last_moments_hold_for_leaders_and_followers() {
    let case = case().await;
    let soon = || (Timestamp::now() + Duration::from_millis(1500)).to_string();
    let leader = enqueue(&case, json!({"deadline": soon()})).await;
    let follower = enqueue(&case, json!({"deadline": soon()})).await;
    let patient = enqueue(&case, json!({})).await;
    case.queue.pause("bvn").await.unwrap();
    let source = Source::new();
    let worker = start(&case.queue, worker("one"), source.handler(&case.queue));
    for id in [leader, follower] {
        assert_eq!(case.dead(id).await.code.unwrap(), "deadline_passed");
    }
    case.queue.resume("bvn").await.unwrap();
    assert_eq!(case.completed(patient).await.calls, 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_gone_or_useless_is_asked_for_again() {
    let case = case().await;
    let source = Source::new();
    let first_worker = start(&case.queue, worker("one"), source.handler(&case.queue));
    let first = enqueue(&case, json!({})).await;
    case.completed(first).await;
    assert_eq!(case.queue.discard(&[first]).await.unwrap(), 1);
    let second = enqueue(&case, json!({})).await;
    assert_eq!(
        case.completed(second).await.calls,
        1,
        "the answer was discarded"
    );
    first_worker.stop().await;

    let answers = source.handler(&case.queue);
    let picky = handler(move |job| {
        let answers = std::sync::Arc::clone(&answers);
        async move {
            match job.into_leave() {
                kyc_queue::Leave::Reuse(_) => {
                    Err(Failure::new(Class::Missed, "picture_gone", "It is gone."))
                }
                kyc_queue::Leave::Call(slot) => {
                    slot.spend().await.unwrap();
                    drop(answers);
                    Ok(crate::support::found(0, 0))
                }
            }
        }
    });
    let picky = start(&case.queue, worker("picky"), picky);
    let third = enqueue(&case, json!({})).await;
    let known = case.completed(third).await;
    assert_eq!((known.calls, known.attempts), (1, 1));
    picky.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_with_answers_in_its_hands_has_called_for_nobody() {
    let case = case().await;
    let source = Source::new();
    let good = start(&case.queue, worker("good"), source.handler(&case.queue));
    case.completed(enqueue(&case, json!({})).await).await;
    good.stop().await;
    let hanging = handler(|_| std::future::pending());
    let config = kyc_queue::WorkerConfig {
        lease: Duration::from_millis(600),
        // Nothing was sent, so there is nothing to ask about.
        resend_ambiguous: Resend::Ask,
        ..worker("hanging")
    };
    let hanging = start(&case.queue, config, hanging);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(enqueue(&case, json!({})).await);
    }
    eventually("it has them", async || {
        (case.depths().await.running == 3).then_some(())
    })
    .await;
    hanging.crash();
    let good = kyc_queue::WorkerConfig {
        resend_ambiguous: Resend::Ask,
        ..worker("good")
    };
    let good = start(&case.queue, good, source.handler(&case.queue));
    for id in ids {
        let known = case.completed(id).await;
        assert_eq!(
            (known.stalls, known.calls, known.unanswered_calls),
            (1, 0, 0)
        );
    }
    assert_eq!(source.asked(), 1);
    good.stop().await;
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
    let source = Source::new();
    let good = start(&case.queue, worker("good"), source.handler(&case.queue));
    assert_eq!(case.completed(leader).await.calls, 2);
    assert_eq!(case.completed(follower).await.calls, 0);
    assert_eq!(source.asked(), 1);
    assert!(source.reused.load(SeqCst) == 1);
    good.stop().await;
    nothing_is_left(&case).await;
}
