//! Key records in a store of their own, with the `kyc` program: done, out of reach, erased, moved.

use std::{fs, path::Path, time::Duration};

use kyc_domain::VerificationId;
use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_tests::{Job, Program, World, eventually_within, redis_program};
use redis::AsyncCommands as _;
use serde_json::Value;

const LONG: Duration = Duration::from_secs(120);

fn redis_in(folder: &Path) -> PrivateRedis {
    let server = PrivateRedis::start(Options {
        binary: redis_program(),
        append_only: true,
        sync_always: true,
        dir: Some(folder.to_owned()),
        ..Options::default()
    });
    server.unwrap()
}

async fn erase(store: &PrivateRedis, id: &str) {
    let client = redis::Client::open(store.url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let deleted: usize = redis.del(format!("{{kyc}}:key:{id}")).await.unwrap();
    assert_eq!(deleted, 1);
}

/// Enqueues a job with the program, and returns its id.
async fn enqueue(world: &World, job: &Job) -> String {
    let told = world
        .run(["enqueue", job.number_field(), job.number(), "--json"])
        .await
        .good();
    let told: Value = serde_json::from_str(&told).unwrap();
    told["id"].as_str().unwrap().to_owned()
}

async fn result(world: &World, id: &str) -> Value {
    let ran = world.run(["result", id, "--json"]).await;
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
}

async fn completed(world: &World, id: &str) {
    eventually_within(LONG, "it is completed", async || {
        let ran = world.run(["jobs", "show", id, "--json"]).await;
        let told: Value = serde_json::from_str(&ran.out).unwrap();
        (told["state"] == "completed").then_some(())
    })
    .await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

async fn check(world: &World) -> (String, String) {
    let ran = world.run(["doctor", "--json", "--local"]).await;
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    let mut checks = told["checks"].as_array().unwrap().iter();
    let check = checks
        .find(|check| check["check"] == "key records")
        .unwrap();
    let text = |name: &str| check[name].as_str().unwrap().to_owned();
    (text("finding"), text("sentence"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_in_a_second_redis_opens_nowhere_and_the_program_says_so() {
    let mut world = World::new().await;
    let store = redis_in(&world.dir().join("store"));
    world.set("key_records", &store.url());
    assert_eq!(check(&world).await.0, "good");
    let _worker = world.worker("one", &[]).await;
    let id = enqueue(&world, &Job::of_case("bvn", "000")).await;
    completed(&world, &id).await;
    assert!(result(&world, &id).await["record"].is_object());
    let images = world.dir().join("images");
    let images = ["images", &id, "--out", images.to_str().unwrap()];
    world.run(images).await.good();

    // A backup of everything but the store, of before.
    let mut redis = world.redis().await;
    redis::cmd("SAVE").exec_async(&mut redis).await.unwrap();
    let backup = world.dir().join("backup");
    copy(world.redis_dir(), &backup.join("redis"));
    copy(&world.blobs(), &backup.join("blobs"));
    erase(&store, &id).await;

    for is_backup in [false, true] {
        let restored = is_backup.then(|| redis_in(&backup.join("redis")));
        if let Some(restored) = &restored {
            world.set("redis_url", &restored.url());
            let blobs = format!("file://{}", backup.join("blobs").display());
            world.set("blob_url", &blobs);
        }
        for words in [&["result", &id][..], &["explain", &id]] {
            let told = world.run(words).await.good();
            assert!(told.contains("was erased"), "{words:?}: {told}");
        }
        let told = result(&world, &id).await;
        assert_eq!(told["erased"], true);
        assert!(told.get("record").is_none() && told.get("verdict").is_none());
        let ran = world.run(images).await;
        assert!(ran.code != 0 && ran.err.contains("was erased"), "{ran:?}");
        drop(restored);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_killed_delays_jobs_and_loses_none() {
    let mut world = World::new().await;
    let mut store = redis_in(&world.dir().join("store"));
    world.set("key_records", &store.url());
    let workers = [
        world.worker("one", &[]).await,
        world.worker("two", &[]).await,
    ];
    let mut ids = Vec::new();
    for nth in 0..4 {
        ids.push(enqueue(&world, &Job::new("bvn", &format!("2220000{nth}000"))).await);
        completed(&world, &ids[nth]).await;
    }
    world.run(["limits", "pause", "bvn"]).await.good();
    for nth in 4..12 {
        ids.push(enqueue(&world, &Job::new("bvn", &format!("222000{nth:02}000"))).await);
    }
    store.kill().unwrap();
    let (finding, sentence) = check(&world).await;
    assert!(
        finding == "bad" && sentence.contains("KYC_KEY_RECORDS"),
        "{sentence}"
    );
    let refused = world.run(["enqueue", "bvn", "22200077000"]).await;
    assert!(
        refused.code != 0 && refused.err.contains("key records"),
        "{refused:?}"
    );
    world.run(["limits", "resume", "bvn"]).await.good();
    eventually_within(LONG, "it is explained", async || {
        let ran = world.run(["explain", &ids[11]]).await;
        ran.out.contains("The store of key records").then_some(())
    })
    .await;
    let told: Vec<String> = workers.iter().map(Program::log).collect();
    assert!(
        told.iter()
            .any(|log| log.contains("Could not get key records"))
    );
    store.restart().unwrap();
    for id in &ids {
        completed(&world, id).await;
        let told = result(&world, id).await;
        assert_eq!((&told["attempts"], &told["calls"]), (&1.into(), &1.into()));
    }
    assert_eq!(world.stats().calls.values().sum::<u64>(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn key_records_move_into_a_folder_and_go_with_their_jobs() {
    let mut world = World::new().await;
    let folder = world.dir().join("key-records");
    let before = enqueue(&world, &Job::of_case("bvn", "000")).await;
    world.set("key_records", &format!("file:{}", folder.display()));
    assert_eq!(check(&world).await.0, "good");
    let after = enqueue(&world, &Job::of_case("nin", "000")).await;
    let names = || {
        let files = fs::read_dir(folder.join("kyc")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let ids = names.filter(|name| name.parse::<VerificationId>().is_ok());
        let mut ids: Vec<String> = ids.collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(names(), std::slice::from_ref(&after));
    let told = world.run(["keys", "rewrap", "--json"]).await.good();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["read"], &told["moved"]), (&2.into(), &1.into()));
    assert_eq!(names(), [before.clone(), after.clone()]);
    let _worker = world.worker("one", &[]).await;
    for id in [&before, &after] {
        completed(&world, id).await;
        assert!(result(&world, id).await["record"].is_object());
    }
    world.run(["jobs", "discard", &before]).await.good();
    assert_eq!(names(), [after]);
    // A discarded job is unknown, and not erased.
    assert_eq!(world.run(["result", &before]).await.code, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_beside_the_queue_is_no_store() {
    let mut world = World::new().await;
    // Another database of the same server.
    world.set("key_records", &format!("{}/1", world.setting("redis_url")));
    let (finding, sentence) = check(&world).await;
    assert!(
        finding == "bad" && sentence.contains("one server"),
        "{sentence}"
    );
    world.set(
        "key_records",
        world.setting("redis_url").to_owned().as_str(),
    );
    let ran = world.run(["work"]).await;
    assert!(
        ran.code != 0 && ran.err.contains("KYC_KEY_RECORDS is wrong"),
        "{ran:?}"
    );
    world.unset("key_records");
    let secret = "key_records=redis://user:pa55word@127.0.0.1:1";
    let ran = world.run(["--set", secret, "queue", "stats"]).await;
    assert!(
        ran.code != 0 && ran.err.contains("KYC_KEY_RECORDS_FILE") && !ran.err.contains("pa55word"),
        "{ran:?}"
    );
}
