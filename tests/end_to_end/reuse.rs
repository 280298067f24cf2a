//! Reuse of fresh answers: many requests need one call, with real workers and a provider that counts.

use kyc_domain::{Verdict, VerificationId};
use kyc_queue::{Queue, State, Verification};
use kyc_sandbox::Config;
use kyc_tests::{Job, World, eventually};
use serde_json::Value;

/// Enqueues jobs with `kyc enqueue --file`.
pub(crate) async fn enqueue(world: &World, jobs: &[Job]) -> Vec<VerificationId> {
    let file = world.dir().join("jobs.jsonl");
    let lines: Vec<String> = jobs.iter().map(Job::json).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let file = file.display().to_string();
    let ran = world.run(["enqueue", "--file", file.as_str()]).await.good();
    ran.lines().map(|id| id.parse().unwrap()).collect()
}

/// Waits until all of them have completed, and returns them.
pub(crate) async fn completed(
    world: &World,
    queue: &Queue,
    ids: &[VerificationId],
) -> Vec<Verification> {
    let mut all = Vec::new();
    for id in ids {
        let known = world.end_of(queue, *id).await;
        assert_eq!(known.state, State::Completed, "{known:?}");
        all.push(known);
    }
    all
}

/// Returns 500 requests for one number, each with its own claims.
fn five_hundred() -> Vec<Job> {
    let one = || Job::of_case("bvn", "000");
    (0..500)
        .map(|nth| {
            let job = one().with("reference", format!("loan-{nth}"));
            if nth % 2 == 0 {
                job.claiming_what_it_can()
            } else {
                job.with("claims", serde_json::json!({"last_name": "Nobody"}))
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_requests_for_one_number_are_one_call_with_reuse_and_five_hundred_without() {
    for (reuse, calls) in [("bvn=1h", 1), ("", 500)] {
        // Slow enough for all of them to run at once.
        let config = Config {
            latency: std::time::Duration::from_millis(300),
            ..Config::default()
        };
        let mut world = World::with(config).await;
        world.set("reuse", reuse);
        let queue = world.queue().await;
        let jobs = five_hundred();
        let (_one, _two) = (
            world.worker("one", &[]).await,
            world.worker("two", &[]).await,
        );
        let ids = enqueue(&world, &jobs).await;
        assert_eq!(ids.len(), 500);
        let all = completed(&world, &queue, &ids).await;
        assert_eq!(world.calls(&jobs[0]), calls, "reuse = {reuse}");
        // Each is assessed with its own claims, and has its own record and image.
        for (nth, known) in all.iter().enumerate() {
            let outcome = known.outcome.as_ref().unwrap();
            let verdict = if nth % 2 == 0 {
                Verdict::Match
            } else {
                Verdict::NoMatch
            };
            assert_eq!(outcome.verdict, verdict);
            assert!(outcome.record.is_some() && outcome.provider_data.is_some());
            assert!(outcome.images[0].key.contains(&known.id.to_string()));
            assert_eq!(outcome.call_details.calls, known.calls);
            assert_eq!(known.calls, u32::from(outcome.reused.is_none()));
        }
        let called = all.iter().filter(|known| known.calls == 1).count() as u64;
        assert_eq!(called, calls);
        let published = world.published(&queue).await;
        assert_eq!(published.len(), 500, "each is published once");
        let stats: Value =
            serde_json::from_str(&world.run(["queue", "stats", "--json"]).await.good()).unwrap();
        let bvn = &stats["totals"]["bvn"];
        assert_eq!(
            (&bvn["calls"], &bvn["saved"]),
            (&calls.into(), &(500 - calls).into()),
            "{stats}"
        );
        world.nothing_left(&queue).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_tenants_nor_purposes_share_an_answer() {
    let mut world = World::new().await;
    world.set("reuse", "bvn=1h");
    let queue = world.queue().await;
    let _worker = world.worker("one", &[]).await;
    let one = || Job::of_case("bvn", "000");
    let apart = [
        one(),
        one().with("tenant", "wallets"),
        one().with("purpose", "loan"),
        one().with("tenant", "wallets").with("purpose", "loan"),
    ];
    for calls in [4, 4] {
        let ids = enqueue(&world, &apart).await;
        completed(&world, &queue, &ids).await;
        assert_eq!(world.calls(&apart[0]), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_answer_names_its_source_and_outlives_it() {
    let mut world = World::new().await;
    world.set("reuse", "nin=1h");
    let queue = world.queue().await;
    let _worker = world.worker("one", &[]).await;
    let job = Job::of_case("nin", "000").claiming_what_it_can();
    let first = enqueue(&world, std::slice::from_ref(&job)).await[0];
    let original = completed(&world, &queue, &[first]).await.remove(0);
    let second = enqueue(&world, std::slice::from_ref(&job)).await[0];
    let reused = completed(&world, &queue, &[second]).await.remove(0);
    let (original, reused) = (original.outcome.unwrap(), reused.outcome.unwrap());
    let from = reused.reused.as_ref().unwrap();
    assert_eq!(from.verification, first.to_string());
    let took = from
        .answered_at
        .duration_since(original.call_details.requested_at);
    assert_eq!(took.as_millis(), i128::from(original.call_details.call_ms));
    assert_eq!(
        (&reused.record, &reused.provider_data),
        (&original.record, &original.provider_data)
    );
    assert_eq!(
        reused.call_details.requested_at,
        original.call_details.requested_at
    );
    let told = world.run(["result", &second.to_string()]).await.good();
    assert!(told.contains(&format!("to {first}: reused")), "{told}");

    let first = first.to_string();
    world.run(["jobs", "discard", &first]).await.good();
    let dir = world.dir().join("out");
    let words = [
        "images",
        &second.to_string(),
        "--out",
        &dir.display().to_string(),
    ];
    let images = world.run(words).await.good();
    assert!(
        images.contains("photo") && images.contains("signature"),
        "{images}"
    );
    // The answer is gone, so one more call is made.
    let third = enqueue(&world, std::slice::from_ref(&job)).await;
    completed(&world, &queue, &third).await;
    assert_eq!(world.calls(&job), 2);
    // `--fresh` requires a new call.
    let words = ["enqueue", "nin", job.number(), "--fresh", "--wait"];
    let fresh = world.run(words).await.good();
    assert!(!fresh.contains("reused"), "{fresh}");
    assert_eq!(world.calls(&job), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_about_an_image_is_part_of_every_reused_answer() {
    let mut world = World::new().await;
    world.set("reuse", "bvn=1h,nin=1h");
    let queue = world.queue().await;
    let _worker = world.worker("one", &[]).await;
    for (kind, code, reason) in [
        ("bvn", "003", "image_undecodable"),
        ("bvn", "004", "image_missing"),
        ("bvn", "060", "watch_listed"),
    ] {
        let job = Job::of_case(kind, code);
        let ids = enqueue(&world, &[job.clone(), job.clone()]).await;
        let all = completed(&world, &queue, &ids).await;
        assert_eq!(world.calls(&job), 1);
        for known in all {
            let reasons = known.outcome.unwrap().reasons;
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
            assert_eq!(codes, [reason]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_during_the_call_costs_one_more_call_for_all() {
    let config = Config {
        latency: std::time::Duration::from_secs(2),
        ..Config::default()
    };
    let mut world = World::with(config).await;
    world.set("reuse", "bvn=1h");
    world.set("lease", "1s");
    let queue = world.queue().await;
    let job = Job::of_case("bvn", "000");
    let jobs: Vec<Job> = (0..40).map(|_| job.clone()).collect();
    let ids = enqueue(&world, &jobs).await;
    let mut victim = world.worker("victim", &[]).await;
    eventually("it calls", async || (world.calls(&job) == 1).then_some(())).await;
    victim.kill9().await;
    let _other = world.worker("other", &[]).await;
    let all = completed(&world, &queue, &ids).await;
    assert_eq!(world.calls(&job), 2);
    let counted: u32 = all.iter().map(|known| known.calls).sum();
    let unanswered: u32 = all.iter().map(|known| known.unanswered_calls).sum();
    assert_eq!((counted, unanswered), (2, 1), "every call is counted once");
    world.nothing_left(&queue).await;
}
