//! Jobs that follow another one, when that one fails, ends, or brings its worker down: somebody always leads.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use jiff::Timestamp;
use kyc_domain::{AmbiguousCalls, Class, Failure, Policy};
use serde_json::json;

use crate::{
    reuse::{Provider, case, nothing_is_left},
    reuse_leads::enqueue,
    support::{Case, KINDS, eventually, failed, handler, policy, start, start_with, worker},
};

/// Every call fails; the third attempt is the last.
async fn failing(case: &Case) -> (crate::support::Running, Provider) {
    let provider = Provider::new();
    let calls = provider.calls.clone();
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
    (worker, provider)
}
#[tokio::test(flavor = "multi_thread")]
async fn whom_the_provider_fails_for_good_takes_its_followers_along() {
    let case = case().await;
    let mut ids = Vec::new();
    for _ in 0..350 {
        ids.push(enqueue(&case, json!({})).await);
    }
    let (worker, provider) = failing(&case).await;
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
    assert_eq!((provider.asked(), calls), (3, 3), "those of the leader");
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
    let (worker, provider) = failing(&case).await;
    for (id, attempts) in ids.into_iter().zip([2, 1, 2]) {
        let known = case.dead(id).await;
        assert_eq!((known.attempts, known.calls), (attempts, attempts));
    }
    assert_eq!(provider.asked(), 5);
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
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
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
    let provider = Provider::new();
    let first_worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
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

    let answers = provider.handler(&case.queue);
    let picky = handler(move |job| {
        let answers = std::sync::Arc::clone(&answers);
        async move {
            match job.into_leave() {
                kyc_queue::Leave::Reuse(_) | kyc_queue::Leave::Reread(_) => {
                    Err(Failure::new(Class::Missed, "image_gone", "It is gone."))
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
    let provider = Provider::new();
    let good = start(&case.queue, worker("good"), provider.handler(&case.queue));
    case.completed(enqueue(&case, json!({})).await).await;
    good.stop().await;
    let hanging = handler(|_| std::future::pending());
    let config = kyc_queue::WorkerConfig {
        lease: Duration::from_millis(600),
        // Nothing was sent, so there is nothing to ask about.
        ambiguous_calls: AmbiguousCalls::Hold,
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
        ambiguous_calls: AmbiguousCalls::Hold,
        ..worker("good")
    };
    let good = start(&case.queue, good, provider.handler(&case.queue));
    for id in ids {
        let known = case.completed(id).await;
        assert_eq!(
            (known.stalls, known.calls, known.unanswered_calls),
            (1, 0, 0)
        );
    }
    assert_eq!(provider.asked(), 1);
    good.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_last_moment_for_all_ends_all_and_calls_for_nobody() {
    let case = case().await;
    let deadline = (Timestamp::now() + Duration::from_millis(1200)).to_string();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(enqueue(&case, json!({"deadline": deadline})).await);
    }
    case.queue.pause("bvn").await.unwrap();
    let provider = Provider::new();
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    for id in ids {
        assert_eq!(case.dead(id).await.code.unwrap(), "deadline_passed");
    }
    case.queue.resume("bvn").await.unwrap();
    let next = enqueue(&case, json!({})).await;
    assert_eq!(case.completed(next).await.calls, 1);
    assert_eq!(provider.asked(), 1);
    let limiters = case.queue.limiters(&KINDS).await.unwrap();
    assert_eq!((limiters[0].used_today, limiters[0].in_flight), (1, 0));
    worker.stop().await;
    nothing_is_left(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_asked_yet_is_not_answered_by_what_was_not_there_before() {
    let case = case().await;
    let provider = Provider {
        knows_nobody: true,
        ..Provider::new()
    };
    let worker = start(&case.queue, worker("one"), provider.handler(&case.queue));
    let later = (Timestamp::now() + Duration::from_millis(1500)).to_string();
    let late = enqueue(&case, json!({"not_before": later})).await;
    let early = enqueue(&case, json!({})).await;
    assert_eq!(case.completed(early).await.calls, 1);
    assert_eq!(case.completed(late).await.calls, 1);
    worker.stop().await;
    nothing_is_left(&case).await;
}
