//! Attempts that fail: again, or dead.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use kyc_domain::{Call, Class, Policy, ReasonCode};
use serde_json::json;

use crate::support::{
    Case, eventually, failed, found, handler, policy, request, start, start_with, transient,
    worker, worker_of,
};

const GRACE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_made_again_at_its_time_and_remembered() {
    let case = Case::start().await;
    let starts = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&starts);
    let handler = handler(move |job| {
        noted.lock().unwrap().push(Instant::now());
        async move {
            match job.attempt() {
                1 => Err(transient()),
                2 => {
                    let mut failure = failed(Class::Ambiguous);
                    failure.code = "timeout".to_owned();
                    failure.call = Call {
                        sent: true,
                        unanswered: true,
                        http_status: None,
                        ms: 3,
                    };
                    Err(failure)
                }
                _ => {
                    assert_eq!((job.calls_before(), job.unanswered_before()), (2, 1));
                    let mut outcome = found(2, 1);
                    outcome.reasons.push(ReasonCode::NothingConfirmed.into());
                    Ok(outcome)
                }
            }
        }
    });
    let delay = Duration::from_millis(150);
    let decide = policy(Policy::default(), delay);
    let worker = start_with(&case.queue, worker("one"), handler, decide, GRACE);
    let accepted = case.enqueue(&request("bvn", 1, json!({}))).await;
    let waiting = eventually("the first attempt has failed", async || {
        Some(case.look(accepted.id).await)
            .filter(|known| known.attempts == 1 && known.waiting.is_some())
    })
    .await;
    assert_eq!(
        (waiting.code.as_deref(), waiting.calls),
        (Some("http_599"), 1)
    );
    let why = waiting.waiting.unwrap();
    assert!(why.why == "retry" && why.until.is_some(), "{why:?}");

    let done = case.completed(accepted.id).await;
    assert_eq!(
        (done.attempts, done.calls, done.unanswered_calls),
        (3, 3, 1)
    );
    let lines: Vec<_> = done
        .history
        .iter()
        .map(|line| {
            (
                line.attempt,
                line.class.as_str(),
                line.code.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        (1, "transient", "http_599"),
        (2, "ambiguous", "timeout"),
        (3, "completed", ""),
    ];
    assert_eq!(lines, expected);
    let starts = starts.lock().unwrap().clone();
    for pair in starts.windows(2) {
        assert!(pair[1] - pair[0] >= delay, "{:?}", pair[1] - pair[0]);
    }
    worker.stop().await;
    assert_eq!(case.published().await[0].reasons, ["nothing_confirmed"]);
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_dies_after_its_own_number_of_attempts_or_the_usual_one() {
    let case = Case::start().await;
    let rules = Policy {
        max_attempts: 4,
        ..Policy::default()
    };
    let decide = policy(rules, Duration::from_millis(1));
    let handler = handler(|_| async { Err(transient()) });
    let worker = start_with(&case.queue, worker("one"), handler, decide, GRACE);
    let own = case
        .enqueue(&request("bvn", 1, json!({"max_attempts": 2})))
        .await;
    let usual = case
        .enqueue(&request("nin", 2, json!({"reference": "r"})))
        .await;
    for (accepted, attempts) in [(own, 2), (usual, 4)] {
        let dead = case.dead(accepted.id).await;
        assert_eq!((dead.attempts, dead.calls), (attempts, attempts));
        assert_eq!(dead.history.len(), attempts as usize);
        assert_eq!(dead.code.as_deref(), Some("http_599"));
        assert_eq!(dead.sentence.as_deref(), Some("The provider failed."));
        assert!(dead.finished_at.is_some() && dead.outcome.is_none());
    }
    worker.stop().await;
    let published = case.published().await;
    assert_eq!(published.len(), 2);
    for entry in published {
        assert_eq!(
            (entry.state.as_str(), entry.reasons.join(",")),
            ("dead", "http_599".to_owned())
        );
    }
    assert_eq!(case.depths().await.dead, 2);
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_keeps_its_newest_lines() {
    let case = Case::start().await;
    let decide = policy(Policy::default(), Duration::ZERO);
    let handler = handler(|_| async { Err(transient()) });
    let worker = start_with(&case.queue, worker("one"), handler, decide, GRACE);
    let accepted = case
        .enqueue(&request("bvn", 1, json!({"max_attempts": 100})))
        .await;
    let dead = case.dead(accepted.id).await;
    assert_eq!(dead.attempts, 100);
    let attempts: Vec<u32> = dead.history.iter().map(|line| line.attempt).collect();
    assert!(
        attempts.len() < 100 && attempts.len() > 30,
        "{}",
        attempts.len()
    );
    assert_eq!(attempts.last(), Some(&100));
    assert!(attempts.windows(2).all(|pair| pair[1] == pair[0] + 1));
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_of_ours_and_the_worker_lives_on() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker_of("one", 1, &["bvn"]),
        handler(|job| async move {
            assert_ne!(job.attempt(), 1, "a panic on purpose");
            Ok(found(0, 0))
        }),
    );
    for nth in 0..3 {
        let accepted = case.enqueue(&request("bvn", nth, json!({}))).await;
        let done = case.completed(accepted.id).await;
        assert_eq!((done.attempts, done.stalls), (2, 0));
        assert_eq!(done.history[0].class, "internal");
        assert_eq!(done.history[0].code.as_deref(), Some("panic"));
    }
    assert!(worker.is_alive());
    worker.stop().await;
    case.done().await;
}
