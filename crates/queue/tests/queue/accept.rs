//! Accepting jobs: once, and for all that use the same key.

use std::collections::HashSet;

use futures::future::join_all;
use kyc_domain::{Request, VerificationId};
use kyc_queue::{EnqueueError, Error, Queue, State};
use kyc_vault::{Keyring, Vault};
use serde_json::json;

use crate::support::{Case, found, handler, request, start, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_accepted_done_shown_and_published_once() {
    let case = Case::start().await;
    let mut results = case.queue.results("$").await.unwrap();
    let job = request(
        "bvn",
        1,
        json!({"reference": "loan-1", "tenant": "bank", "max_attempts": 3}),
    );
    let accepted = case.enqueue(&job).await;
    assert!(!accepted.existing);
    let waiting = case.look(accepted.id).await;
    assert_eq!(waiting.state, State::Waiting);
    assert_eq!(waiting.waiting.unwrap().why, "ready");
    assert_eq!(case.depths().await.ready["bvn"], 1);

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|job| async move {
            assert_eq!(
                (job.kind(), job.tenant(), job.attempt()),
                ("bvn", "bank", 1)
            );
            assert_eq!((job.calls_before(), job.deadline_ms()), (0, None));
            let (calls, unanswered) = (job.calls_before(), job.unanswered_before());
            job.into_leave().slot().unwrap().spend().await.unwrap();
            Ok(found(calls, unanswered))
        }),
    );
    let done = case.completed(accepted.id).await;
    assert_eq!(done.verdict.as_deref(), Some("found"));
    assert_eq!(
        (
            done.attempts,
            done.calls,
            done.unanswered_calls,
            done.stalls
        ),
        (1, 1, 0, 0)
    );
    assert_eq!(
        (done.kind.as_str(), done.reference.as_str()),
        ("bvn", "loan-1")
    );
    assert_eq!(done.number, "********001");
    assert_eq!((done.code, done.sentence), (None, None));
    assert!(done.finished_at.unwrap() >= done.enqueued_at);
    assert_eq!(done.outcome.unwrap().call_details.calls, 1);
    let [line] = done.history.as_slice() else {
        panic!("{:?}", done.history)
    };
    assert_eq!(
        (line.class.as_str(), line.attempt, line.status),
        ("completed", 1, Some(200))
    );

    let published = results.next().await.unwrap();
    let [entry] = published.as_slice() else {
        panic!("{published:?}")
    };
    assert_eq!(entry.id, accepted.id.to_string());
    assert_eq!(
        (entry.state.as_str(), entry.verdict.as_str()),
        ("completed", "found")
    );
    assert_eq!(
        (entry.tenant.as_str(), entry.reference.as_str()),
        ("bank", "loan-1")
    );
    worker.stop().await;
    let depths = case.depths().await;
    assert_eq!((depths.completed, depths.dead), (1, 0));
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_knows_an_id_that_was_never_given() {
    let case = Case::start().await;
    let nobody = VerificationId::generate();
    assert!(case.queue.look(nobody).await.unwrap().is_none());
    let waited = case.queue.wait(nobody, crate::support::LONG).await.unwrap();
    assert!(waited.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_and_one_body_are_one_job() {
    let case = Case::start().await;
    let keyed = |nth, more: serde_json::Value| {
        let mut fields = json!({"idempotency_key": "order 7"});
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        request("bvn", nth, fields)
    };
    let first = case.enqueue(&keyed(1, json!({}))).await;
    let again = case.enqueue(&keyed(1, json!({}))).await;
    assert_eq!((again.id, again.existing), (first.id, true));
    for other in [keyed(2, json!({})), keyed(1, json!({"reference": "other"}))] {
        match case.queue.enqueue(&other).await {
            Err(EnqueueError::Conflict { id }) => assert_eq!(id, first.id.to_string()),
            answer => panic!("{answer:?}"),
        }
    }
    let tenant = case.enqueue(&keyed(1, json!({"tenant": "other"}))).await;
    assert!(!tenant.existing && tenant.id != first.id);

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    case.completed(first.id).await;
    case.completed(tenant.id).await;
    let finished = case.enqueue(&keyed(1, json!({}))).await;
    assert_eq!((finished.id, finished.existing), (first.id, true));
    worker.stop().await;
    assert_eq!(case.published().await.len(), 2);
    case.done().await;
}

/// A caller that never heard an answer asks again, from whatever pod: it is one job, before and after its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_at_once_with_one_key_from_many_connections_are_one_job() {
    let case = Case::start().await;
    let connections = join_all((0..20).map(|_| case.another_queue())).await;
    let job = request("nin", 1, json!({"idempotency_key": "k"}));
    let other = request("nin", 2, json!({"idempotency_key": "k"}));
    let ask = async |job: &Request| {
        join_all((0..1000).map(|nth| connections[nth % connections.len()].enqueue(job))).await
    };
    let answers: Vec<_> = ask(&job).await.into_iter().map(Result::unwrap).collect();
    let ids: HashSet<_> = answers.iter().map(|answer| answer.id).collect();
    let fresh = answers.iter().filter(|answer| !answer.existing).count();
    assert_eq!((ids.len(), fresh), (1, 1));
    let id = answers[0].id;
    let all_conflict = async || {
        ask(&other).await.into_iter().all(|answer| {
            matches!(answer, Err(EnqueueError::Conflict { id: known }) if known == id.to_string())
        })
    };
    assert!(all_conflict().await);

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    case.completed(id).await;
    let again = ask(&job).await.into_iter().map(Result::unwrap);
    assert!(
        again
            .into_iter()
            .all(|again| again.id == id && again.existing)
    );
    assert!(all_conflict().await);
    worker.stop().await;
    assert_eq!(case.published().await.len(), 1);
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_answered_in_the_order_of_the_requests() {
    let case = Case::start().await;
    let jobs: Vec<_> = (0..300).map(|nth| request("bvn", nth, json!({}))).collect();
    let queue = case.queue.clone();
    let answers = tokio::spawn(async move { queue.enqueue_all(&jobs).await });
    let answers = answers.await.unwrap();
    for (nth, answer) in answers.into_iter().enumerate() {
        let known = case.look(answer.unwrap().id).await;
        assert_eq!(known.number, format!("********{:03}", nth % 1000));
    }
    assert_eq!(case.depths().await.ready["bvn"], 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_sealed_with_another_key_is_not_opened() {
    let case = Case::start().await;
    for id in ["other", "test"] {
        let keys = Keyring::generate(id).unwrap();
        let vault = Vault::new(Keyring::parse(&keys).unwrap());
        match Queue::connect(case.config.clone(), vault).await {
            Err(Error::OtherKeys(_)) => {}
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("a queue of another key was opened"),
        }
    }
}
