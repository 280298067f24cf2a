//! Pauses whose length the provider does not name: each is twice as long as the one before, until a call succeeds.

use std::time::Duration;

use kyc_tests::{Job, World, eventually};

use super::{
    End::Completed,
    ended,
    parks::{FIRST_PAUSE, all_parked, parked, quick, row},
    provider::{Provider, RECORD, answer, refused},
};

#[tokio::test(flavor = "multi_thread")]
async fn pauses_grow_until_a_call_succeeds() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    let queue = quick(&mut world).await;
    let _worker = world.worker("worker", &[]).await;
    let job = Job::of_case("bvn", "000");
    let often = refused("429 Too Many", "Slow down");
    let said = refused("200 OK", "Too many requests");
    provider.script(job.number(), &[often, said, answer("200 OK", RECORD)]);
    let id = world.enqueue(&queue, &job).await;
    let mut until = Vec::new();
    for calls in [1, 2] {
        let waiting = eventually("the kind pauses", async || {
            let known = world.look(&queue, id).await;
            known
                .waiting
                .filter(|waiting| known.calls == calls && waiting.why == "throttled")
        })
        .await;
        until.extend(waiting.until);
    }
    // The second call came after the end of the first pause, and its own pause is twice as long.
    assert!(
        until[1] >= until[0] + FIRST_PAUSE * 2 - Duration::from_millis(2),
        "{until:?}"
    );
    let known = world.end_of(&queue, id).await;
    ended("429, twice", &known, Completed("found"), 1, "wait");
    assert!(known.finished_at.unwrap() >= until[1]);
    assert_eq!((known.calls, provider.calls(job.number())), (3, 3));
    // After a success, the pauses start again at the shortest.
    let next = Job::new("bvn", "22299999000");
    provider.script(
        next.number(),
        &[refused("429 Too Many", ""), answer("200 OK", RECORD)],
    );
    let id = world.enqueue(&queue, &next).await;
    let (known, at) = all_parked(&world, &queue, &[id]).await.remove(0);
    parked(
        &row("429 after a success", (), "throttled"),
        "bvn",
        &known,
        at,
    );
    world.end_of(&queue, id).await;
}
