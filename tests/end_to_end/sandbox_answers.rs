//! Answers that are marked as a sandbox's: a worker uses them only if it is allowed to, and results say so.

use kyc_queue::State;
use kyc_tests::{
    Job, World, eventually,
    provider::{Provider, RECORD, answer},
};

use crate::{cli::refused, reuse::enqueue};

/// The status and the header of an answer of a sandbox.
const MARKED: &str = "200 OK\nX-Sandbox: 1";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_sandbox_parks_the_kind_and_leaves_nothing() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let job = Job::of_case("nin", "000");
    let id = world.enqueue(&queue, &job).await;
    let strict = [("allow_sandbox", "false"), ("check_provider", "false")];
    let mut worker = world.worker("strict", &strict).await;
    eventually("the kind parks", async || {
        let parked = queue.parked(&["nin"]).await.unwrap();
        parked
            .iter()
            .any(|parked| parked.reason == "sandbox_answer" && parked.until_ms.is_none())
            .then_some(())
    })
    .await;
    assert_eq!(world.calls(&job), 1, "no further call is made");
    let known = world.look(&queue, id).await;
    assert!(!known.state.is_final() && known.outcome.is_none());
    assert_eq!(world.published(&queue).await, []);
    assert!(
        !world.blobs().join("default").exists(),
        "no image is stored"
    );
    let told = world.run(["explain", &id.to_string()]).await;
    assert!(told.out.contains("A sandbox answer"), "{told:?}");
    assert_eq!(worker.terminate().await, 0);

    // The job has lost nothing.
    world.set("allow_sandbox", "true");
    queue.resume("nin").await.unwrap();
    let _worker = world.worker("allowed", &[]).await;
    let known = world.end_of(&queue, id).await;
    assert_eq!(known.verdict.as_deref(), Some("found"));
    assert!(known.outcome.unwrap().call_details.sandbox);
    let published = world.run(["results", "--json"]).await.good();
    assert!(published.contains(r#""sandbox":true"#), "{published}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_does_not_start_with_a_sandbox_that_is_not_allowed() {
    let mut world = World::new().await;
    world.set("allow_sandbox", "false");
    let said = ["a SANDBOX answers", "KYC_ALLOW_SANDBOX=true"];
    let work = world.run(["work"]).await;
    refused(&world, &work, &said);
    let doctor = world.run(["doctor", "--quiet"]).await;
    assert_eq!((doctor.code, doctor.out.lines().count()), (1, 1));
    for part in said {
        assert!(doctor.out.contains(part), "{}", doctor.out);
    }
    world.unset("allow_sandbox");
    refused(&world, &world.run(["work"]).await, &said);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_cached_nor_retained_answers_of_a_sandbox_are_used() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    world.set("reuse", "bvn=1h");
    let queue = world.queue().await;
    let job = Job::of_case("bvn", "000");
    let other = Job::of_case("nin", "000");
    provider.script(
        job.number(),
        &[answer(MARKED, RECORD), answer("200 OK", RECORD)],
    );
    let of_another_shape = RECORD.replace("success", "done");
    provider.script(other.number(), &[answer(MARKED, of_another_shape)]);
    let mut worker = world.worker("allowed", &[]).await;
    let (first, kept) = (
        enqueue(&world, std::slice::from_ref(&job)).await[0],
        world.enqueue(&queue, &other).await,
    );
    let known = world.end_of(&queue, first).await;
    assert!(known.outcome.unwrap().call_details.sandbox);
    assert_eq!(world.end_of(&queue, kept).await.state, State::Dead);
    assert_eq!(worker.terminate().await, 0);

    world.set("allow_sandbox", "false");
    let _worker = world.worker("strict", &[]).await;
    let second = enqueue(&world, std::slice::from_ref(&job)).await[0];
    let known = world.end_of(&queue, second).await;
    let outcome = known.outcome.unwrap();
    assert!(outcome.reused.is_none() && !outcome.call_details.sandbox);
    assert_eq!(provider.calls(job.number()), 2);
    let published = world.run(["results", "--json"]).await.good();
    let of_second = published
        .lines()
        .find(|line| line.contains(&second.to_string()));
    assert!(!of_second.unwrap().contains("sandbox"), "{published}");

    let kept = kept.to_string();
    world.run(["jobs", "reread", &kept]).await.good();
    eventually("it is read again", async || {
        let known = world.look(&queue, kept.parse().unwrap()).await;
        (known.code.as_deref() == Some("sandbox_answer")).then_some(())
    })
    .await;
    assert_eq!(provider.calls(other.number()), 1, "without a call");
}
