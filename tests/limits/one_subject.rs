//! A provider that throttles every call of one job and answers all others: the others run at the full limit.

use std::time::{Duration, Instant};

use kyc_queue::State;
use kyc_tests::{
    Job, World, eventually, eventually_within,
    provider::{Provider, refused},
};

use crate::{
    alone,
    fleet::{Fleet, enqueue, jobs, per_second},
};

const GOOD: usize = 300;
const RATE: u32 = 20;
/// The time that they take at the limit.
const TIME: Duration = Duration::from_secs(GOOD as u64 / RATE as u64);

async fn one_job_is_refused(head: &str, is_resumed: bool) {
    let _alone = alone().await;
    let provider = Provider::start().await;
    let world = World::without_sandbox(&provider.url());
    let queue = world.queue().await;
    queue.set_limits("bvn", &per_second(RATE)).await.unwrap();
    let bad = Job::new("bvn", "22299999999");
    provider.script(bad.number(), &[refused(head, "Not this one")]);
    let id = world.enqueue(&queue, &bad).await;
    let _fleet = Fleet::start(&world, 2).await;
    eventually("it is called for", async || {
        (provider.calls(bad.number()) > 0).then_some(())
    })
    .await;
    enqueue(&queue, &jobs("bvn", GOOD)).await;
    if is_resumed {
        eventually("the kind is parked", async || {
            let parked = queue.parked(&["bvn"]).await.unwrap();
            parked
                .iter()
                .any(|parked| parked.reason == "key_refused")
                .then_some(())
        })
        .await;
        queue.resume("bvn").await.unwrap();
    }
    let began = Instant::now();
    let mut is_isolated = false;
    eventually_within(TIME * 2, "the others are done", async || {
        let known = world.look(&queue, id).await;
        is_isolated |= known
            .waiting
            .is_some_and(|waiting| waiting.why == "isolated");
        let done = queue.depths(&["bvn"]).await.unwrap().completed;
        (done == GOOD as u64).then_some(())
    })
    .await;
    let took = began.elapsed();
    assert!(took < TIME.mul_f64(1.2), "{head}: {took:?}");
    assert!(is_isolated, "{head}: it is shown with the reason isolated");
    let calls = provider.calls(bad.number());
    assert!(calls < 20, "{head}: {calls} calls for the one");
    assert_eq!(
        provider.all_calls() - calls,
        GOOD as u32,
        "one call for each other"
    );
    let known = world.look(&queue, id).await;
    assert!(
        known.attempts > 0 && known.state != State::Completed,
        "its attempts count: {known:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_subject_does_not_delay_others() {
    one_job_is_refused("429 Too Many Requests", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_is_throttled_until_a_time_does_not_delay_others() {
    one_job_is_refused("429 Too Many Requests\nRetry-After: 2", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_with_a_refused_key_does_not_delay_others_after_the_resume() {
    one_job_is_refused("401 Unauthorized", true).await;
}
