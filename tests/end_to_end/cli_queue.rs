//! `kyc queue`: the state of the queue, and kinds that are paused and resumed.

use kyc_tests::{Job, World};
use serde_json::json;

use crate::jobs::both;

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_shows_its_workers_and_recent_events() {
    let world = World::new().await;
    let queue = world.queue().await;
    let idle = world.run(["queue", "stats"]).await.good();
    assert!(idle.contains("Nothing happened within 60 min"), "{idle}");
    let mut worker = world.worker("the-worker", &[]).await;
    for code in ["000", "000", "001", "044"] {
        let id = world.enqueue(&queue, &Job::of_case("bvn", code)).await;
        world.end_of(&queue, id).await;
    }
    // Resuming all includes the account.
    for (what, count) in [("pause", 6), ("resume", 7), ("pause", 6)] {
        let (text, told) = both(&world, &["queue", what, "all"]).await;
        assert_eq!((text.lines().count(), told.len()), (count, count), "{text}");
        assert_eq!(told[0][format!("{what}d")], true, "{}", told[0]);
    }
    let (_, told) = both(&world, &["queue", "resume", "bvn"]).await;
    assert_eq!(told, [json!({ "kind": "bvn", "resumed": true })]);
    let waits = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    queue.cancel(waits).await.unwrap();

    let (text, told) = both(&world, &["queue", "stats", "--minutes", "30"]).await;
    for part in [
        "the-worker",
        "cancelled",
        "paused until resumed: kyc limits resume nin",
        "Within 30 min",
        "2 found",
        "1 not_found",
    ] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    assert!(!text.contains("kyc limits resume bvn"), "{text}");
    let told = &told[0];
    assert_eq!(told["workers"][0]["name"], "the-worker");
    assert_eq!(
        (
            told["parked"].as_array().unwrap().len(),
            &told["jobs"]["cancelled"]
        ),
        (5, &json!(1))
    );
    assert_eq!(told["minutes"].as_array().unwrap().len(), 30);
    let bvn = &told["totals"]["bvn"];
    assert_eq!(
        (&bvn["accepted"], &bvn["calls"]),
        (&json!(4), &json!(4)),
        "{bvn}"
    );
    assert_eq!(bvn["completed"]["found"], 2);
    assert_eq!(told["totals"]["nin"]["cancelled"], 1);
    assert_eq!(worker.terminate().await, 0);
}
