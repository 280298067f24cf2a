//! The legal basis of a check: consent and purpose are required, stored and shown.

use kyc_queue::State;
use kyc_tests::{Job, World};
use serde_json::{Value, json};

const AT: &str = "2026-01-31T14:30:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn consent_and_purpose_are_stored_with_the_outcome() {
    let mut world = World::new().await;
    world.set("require_consent", "true");
    let queue = world.queue().await;
    let _worker = world.worker("one", &[]).await;
    let number = kyc_tests::number("bvn", "000");
    let without = world.run(["enqueue", "bvn", &number]).await;
    assert_ne!(without.code, 0);
    assert!(
        without.err.contains("consent is missing"),
        "{}",
        without.err
    );
    let words = [
        "--json",
        "enqueue",
        "bvn",
        &number,
        "--purpose",
        "loan",
        "--consent",
        "form-17",
        "--consent-at",
        AT,
        "--wait",
    ];
    let told: Value = serde_json::from_str(&world.run(words).await.good()).unwrap();
    assert_eq!(told["purpose"], "loan");
    let consent = json!({"obtained_at": AT, "reference": "form-17"});
    assert_eq!(told["consent"], consent);
    assert_eq!(world.stats().calls.values().sum::<u64>(), 1);
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_requires_consent_makes_no_call_for_a_job_without_it() {
    let world = World::new().await;
    let queue = world.queue().await;
    let job = Job::of_case("bvn", "000");
    let accepted = world.enqueue(&queue, &job).await;
    let _worker = world.worker("one", &[("require_consent", "true")]).await;
    let known = world.end_of(&queue, accepted).await;
    assert_eq!(known.state, State::Dead);
    assert_eq!(known.code.as_deref(), Some("consent_missing"));
    assert_eq!((known.calls, world.calls(&job)), (0, 0));
}
