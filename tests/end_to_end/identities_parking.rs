//! The cases in which the provider requests a pause, refuses the key, or reports an empty wallet: the whole kind is parked.

use std::time::Duration;

use kyc_queue::State;
use kyc_tests::{Job, World, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_waits_as_long_as_the_provider_requests_and_spends_no_attempt() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    // All four kinds wait independently, at the same time.
    let rows = [
        ("bvn", "010", "retry_after", 2_000),
        ("nin", "011", "retry_after", 1_000),
        ("nin_phone", "012", "throttled", 1_000),
        ("drivers_license", "022", "retry_after", 1_000),
    ];
    let mut jobs = Vec::new();
    for (kind, code, why, at_least) in rows {
        let job = Job::of_case(kind, code);
        jobs.push((
            world.enqueue(&queue, &job).await,
            job,
            why,
            Duration::from_millis(at_least),
        ));
    }
    let mut until = Vec::new();
    for (id, _, why, _) in &jobs {
        let parked = eventually("the kind is parked", async || {
            let known = world.look(&queue, *id).await;
            known.waiting.filter(|waiting| waiting.why != "ready")
        })
        .await;
        assert_eq!(parked.why, *why);
        until.extend(parked.until);
    }
    let bvn_until = until[0];
    assert_eq!(until.len(), jobs.len(), "each says until when");
    // Other jobs of a parked kind wait too. Kinds that are not parked continue.
    let behind = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let free = world
        .enqueue(&queue, &Job::of_case("passport", "000"))
        .await;
    for (id, job, why, at_least) in &jobs {
        let known = world.end_of(&queue, *id).await;
        assert_eq!(known.verdict.as_deref(), Some("found"), "{why}");
        assert_eq!((known.attempts, known.calls), (1, 2), "{why}");
        assert_eq!(world.calls(job), 2, "{why}");
        let took = known.finished_at.unwrap().duration_since(known.enqueued_at);
        assert!(took.unsigned_abs() >= *at_least, "{why}: {took}");
    }
    let behind = world.end_of(&queue, behind).await;
    let free = world.end_of(&queue, free).await;
    assert!(behind.finished_at.unwrap() >= bvn_until, "it waited too");
    assert!(free.finished_at.unwrap() < bvn_until, "it did not wait");
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_and_an_empty_wallet_park_the_kind_until_a_person_resumes_it() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    for (kind, code, why) in [
        ("bvn", "040", "key_refused"),
        ("nin", "041", "key_refused"),
        ("nin_phone", "042", "wallet_empty"),
    ] {
        let job = Job::of_case(kind, code);
        let id = world.enqueue(&queue, &job).await;
        for calls in 1..=2 {
            let known = eventually("the job is parked again", async || {
                let known = world.look(&queue, id).await;
                let parked = known
                    .waiting
                    .as_ref()
                    .is_some_and(|waiting| waiting.why == why);
                (parked && known.calls == calls).then_some(known)
            })
            .await;
            assert_eq!((known.state, known.attempts), (State::Waiting, 0), "{code}");
            assert_eq!(known.waiting.unwrap().until, None, "{code}");
            assert_eq!(world.calls(&job), u64::from(calls), "{code}");
            if calls == 1 {
                world.run(["queue", "resume", kind]).await.good();
            }
        }
        let stats = world.run(["queue", "stats", "--json"]).await.good();
        let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
        let parked = stats["parked"].as_array().unwrap();
        assert!(
            parked
                .iter()
                .any(|parked| parked["kind"] == kind && parked["reason"] == why),
            "{stats}"
        );
    }
}
