//! Readers of results that were away for too long.

use kyc_tests::{Job, World};
use redis::AsyncCommands as _;

#[tokio::test(flavor = "multi_thread")]
async fn kyc_results_warns_that_results_are_missing() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let queue = world.queue().await;
    for _ in 0..3 {
        let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
        queue.cancel(id).await.unwrap();
    }
    let entries = world.published(&queue).await;
    let (first, last) = (&entries[0].entry, &entries[2].entry);
    let words = ["results", "--after", first];
    let ran = world.run(words).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.out.lines().count(), 2);

    let trim = redis::streams::StreamMaxlen::Equals(1);
    let mut redis = world.redis().await;
    let _: usize = redis.xtrim("{kyc}:results", trim).await.unwrap();
    let ran = world.run(words).await;
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{ran:?}");
    for part in [first.as_str(), last, "kyc jobs list completed"] {
        assert!(ran.err.contains(part), "{part} is missing in: {}", ran.err);
    }
}
