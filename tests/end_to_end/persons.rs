//! `kyc jobs list --number`: all verifications of a person, by any of their numbers.

use std::process::Stdio;

use kyc_tests::World;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use crate::keys::good;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_number_before_and_after_another_index_key() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let id = world.enqueue(&queue, &good(0)).await;
    let running = world.worker("worker", &[]).await;
    world.end_of(&queue, id).await;
    let found = world
        .run(["--json", "result", &id.to_string()])
        .await
        .good();
    let found: Value = serde_json::from_str(&found).unwrap();
    let nin = format!("nin:{}", found["record"]["nin"].as_str().unwrap());
    let by_number = async |world: &World, number: &str| -> Vec<String> {
        let words = ["--json", "jobs", "list", "--number", number];
        let listed = world.run(words).await.good();
        let ids = listed.lines().map(|line| {
            let job: Value = serde_json::from_str(line).unwrap();
            job["id"].as_str().unwrap().to_owned()
        });
        ids.collect()
    };
    let expected = [id.to_string()];
    assert_eq!(by_number(&world, "bvn:22200000000").await, expected);
    assert_eq!(by_number(&world, &nin).await, expected);
    let told = world.run(["--json", "keys", "rotate-index"]).await.good();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["index_keys"].as_array().unwrap().len(), 2, "{told}");
    // The worker goes on, and what it completes is found beside the older ones.
    let next = world.enqueue(&queue, &good(1)).await;
    world.end_of(&queue, next).await;
    assert_eq!(
        by_number(&world, "bvn:22200001000").await,
        [next.to_string()]
    );
    assert_eq!(by_number(&world, &nin).await, expected);
    let done = world.run(["--json", "keys", "rewrap"]).await.good();
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!(done["reindexed"], 1, "{done}");
    assert_eq!(by_number(&world, &nin).await, expected);
    // From standard input, and not at all without its type or a key.
    let mut listing = world.kyc(["--json", "jobs", "list", "--number", "bvn:-"]);
    listing.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = listing.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"222 0000 0000\n").await.unwrap();
    drop(stdin);
    let listed = child.wait_with_output().await.unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains(&id.to_string()));
    for wrong in ["22200000000", "BVN:22200000000", "bvn:2220000000"] {
        let ran = world.run(["jobs", "list", "--number", wrong]).await;
        let number = wrong.rsplit(':').next().unwrap();
        assert!(
            ran.code != 0
                && ran.err.contains("--number")
                && !ran.err.contains(&format!(" {number} ")),
            "{ran:?}"
        );
    }
    drop(running);
    world.unset("keys");
    let ran = world.run(["jobs", "list", "--number", &nin]).await;
    assert!(
        ran.code != 0 && ran.err.contains("KYC_KEYS is not set"),
        "{ran:?}"
    );
}
