//! Images do not outlive their jobs.

use std::{fs, path::Path, time::Duration};

use kyc_domain::VerificationId;
use kyc_queue::State;
use kyc_sandbox::Config;
use kyc_tests::{Job, World, eventually};
use redis::AsyncCommands as _;

use crate::secrets::files_below;

/// Ids that were generated long ago.
const OWNER: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2A";
const ORPHAN: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2B";
const KNOWN: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2C";

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_cancelled_during_its_call_leaves_no_image() {
    let latency = Duration::from_secs(2);
    let world = World::with(Config {
        latency,
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    let mut worker = world.worker("one", &[]).await;
    let job = Job::of_case("bvn", "000");
    let id = world.enqueue(&queue, &job).await;
    eventually("the call is under way", async || {
        (world.calls(&job) == 1).then_some(())
    })
    .await;
    let ran = world.run(["jobs", "cancel", &id.to_string()]).await;
    assert_eq!(ran.good(), format!("{id} cancelled\n"));
    eventually("what came of the call is deleted", async || {
        worker.log().contains("Deleted the images of").then_some(())
    })
    .await;
    assert_eq!(worker.terminate().await, 0);
    assert!(files_below(&world.blobs()).is_empty());
    assert_eq!(world.look(&queue, id).await.state, State::Cancelled);
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_cancelled_between_attempts_leaves_no_image() {
    let world = World::new().await;
    let queue = world.queue().await;
    let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let place = world.blobs().join("default").join(id.to_string());
    image(&place.join("photo"));
    world.run(["jobs", "cancel", &id.to_string()]).await.good();
    assert!(!place.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_images_of_a_job_are_deleted_with_it() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let mut worker = world.worker("one", &[]).await;
    let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    assert_eq!(world.end_of(&queue, id).await.state, State::Completed);
    assert_eq!(worker.terminate().await, 0);
    assert!(!files_below(&world.blobs()).is_empty());
    world.set("keep_completed", "1s");
    let _worker = world.worker("two", &[("lease", "1s")]).await;
    eventually("the job is deleted", async || {
        queue.look(id).await.unwrap().is_none().then_some(())
    })
    .await;
    assert!(files_below(&world.blobs()).is_empty());
}

fn image(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "sealed").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_sweep_deletes_old_images_without_a_job_and_nothing_else() {
    let world = World::new().await;
    let (folder, young) = (world.blobs(), VerificationId::generate().to_string());
    let mut redis = world.redis().await;
    let _: () = redis.set("{kyc}:owner", OWNER).await.unwrap();
    let _: usize = redis
        .hset(format!("{{kyc}}:job:{KNOWN}"), "header", "{}")
        .await
        .unwrap();
    let stay = [
        format!("default/{KNOWN}/photo"),
        format!("default/{young}/photo"),
        format!("default/{}/photo", ORPHAN.to_lowercase()),
        "default/notes.txt".to_owned(),
        "backup/of/a/photo".to_owned(),
    ];
    for name in &stay {
        image(&folder.join(name));
    }
    let orphan = folder.join("acme").join(ORPHAN);
    image(&orphan.join("photo"));
    image(&orphan.join("signature-0123456789ab"));
    let first = world.worker("one", &[]).await;
    eventually("the orphan is deleted", async || {
        first.log().contains("belong to no job").then_some(())
    })
    .await;
    assert!(!orphan.exists());
    for name in &stay {
        assert!(folder.join(name).exists(), "{name}");
    }
    // One worker of the fleet a day.
    image(&orphan.join("photo"));
    let mut second = world.worker("two", &[]).await;
    assert_eq!(second.terminate().await, 0);
    assert!(!second.log().contains("belong to no job") && orphan.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn images_of_another_queue_are_not_swept() {
    let world = World::new().await;
    let orphan = world.blobs().join("default").join(ORPHAN);
    image(&orphan.join("photo"));
    fs::write(world.blobs().join("owner"), KNOWN).unwrap();
    let mut redis = world.redis().await;
    let _: () = redis.set("{kyc}:owner", OWNER).await.unwrap();
    let worker = world.worker("one", &[]).await;
    eventually("the worker says why", async || {
        let log = worker.log();
        (log.contains("belongs to another queue") && log.contains("blob_url")).then_some(())
    })
    .await;
    assert!(orphan.exists());
}
