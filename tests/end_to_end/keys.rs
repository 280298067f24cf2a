//! Three roles of keys, and keys that change while jobs run.

use std::{collections::BTreeMap, path::Path};

use kyc_domain::VerificationId;
use kyc_queue::{Config, Queue, State};
use kyc_tests::{Job, World, eventually_within};
use kyc_vault::{Keyring, Vault};
use redis::AsyncCommands as _;
use serde_json::Value;

use crate::reuse::enqueue;

const LONG: std::time::Duration = std::time::Duration::from_secs(120);

/// A job whose number the sandbox knows.
pub(crate) fn good(nth: usize) -> Job {
    Job::new("bvn", &format!("222{nth:05}000"))
}

fn public_of(keys: &str) -> String {
    Keyring::parse(keys).unwrap().public().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_needs_the_public_key_alone() {
    let mut world = World::new().await;
    let printed = world.run(["keys", "public"]).await.good();
    let (keys, public) = (world.keys().to_owned(), public_of(world.keys()));
    assert_eq!(printed.trim(), public);
    // The queue exists once a worker has begun it.
    world.run(["queue", "stats"]).await.good();
    world.unset("keys");
    world.set("public_key", &public);
    let job = ["enqueue", "bvn", "22200000000", "--reference", "loan-1"];
    let entry = world.run(job).await.good();
    let entries: redis::streams::StreamRangeReply =
        world.redis().await.xrange_all("{kyc}:inbox").await.unwrap();
    assert_eq!(entries.ids[0].id, entry.trim());
    let stored = format!("{:?}", entries.ids[0].map);
    assert!(!stored.contains("22200000000") && !stored.contains("loan-1"));
    let waits = world.run([&job[..], &["--wait"]].concat()).await;
    assert!(
        waits.code != 0 && waits.err.contains("--wait needs the keys"),
        "{waits:?}"
    );
    // It opens nothing.
    let opened = world.run(["rejected", &entry]).await;
    assert!(opened.err.contains("KYC_KEYS is not set"), "{opened:?}");

    world.set("keys", &keys);
    let _worker = world.worker("worker", &[]).await;
    let queue = world.queue().await;
    let result = eventually_within(LONG, "it is done", async || {
        world.published(&queue).await.into_iter().next()
    })
    .await;
    assert_eq!(
        (result.reference.as_str(), &*result.state),
        ("loan-1", "completed")
    );
    assert_eq!(result.authentic, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_still_holds_is_told_until_it_can_be_removed() {
    let mut world = World::new().await;
    let old = world.keys().to_owned();
    let queue = world.queue().await;
    for nth in 0..3 {
        world.enqueue(&queue, &good(nth)).await;
    }
    // A sealed job in the inbox, and a rejected one.
    let public = public_of(&old);
    world.unset("keys");
    world.set("public_key", &public);
    world.run(["enqueue", "bvn", "22200005000"]).await.good();
    world.unset("public_key");
    let new = Keyring::generate("new").unwrap();
    let status = async |world: &World, code: i32| -> Vec<Value> {
        let ran = world.run(["--json", "keys", "status"]).await;
        assert_eq!(ran.code, code, "{ran:?}");
        serde_json::from_str::<Value>(&ran.out).unwrap()["keys"]
            .as_array()
            .unwrap()
            .clone()
    };
    let id = old.split(':').next().unwrap();
    let expected = |state: &str, jobs: u64, inbox: u64| serde_json::json!({"id": id, "state": state, "jobs": jobs, "inbox": inbox, "rejected": 0, "index_keys": jobs > 0 || state != "older"});
    // Without any key, what is needed is still told.
    assert_eq!(status(&world, 1).await, [expected("missing", 3, 1)]);
    world.set("keys", &format!("{new},{old}"));
    let known = status(&world, 0).await;
    assert_eq!(
        (&known[0]["id"], &known[0]["state"]),
        (&"new".into(), &"active".into())
    );
    assert_eq!(known[1], expected("older", 3, 1));
    world.run(["keys", "rewrap"]).await.good();
    let known = status(&world, 0).await;
    assert_eq!(known[0]["jobs"], 3);
    assert_eq!(known[1], expected("older", 0, 1));
    let said = world.run(["keys", "status"]).await.good();
    assert!(
        said.contains("workers with the key have to accept them"),
        "{said}"
    );
    let worker = world.worker("worker", &[]).await;
    eventually_within(LONG, "the key is free", async || {
        let said = world.run(["keys", "status"]).await.good();
        said.contains(&format!("{id} holds nothing: it can be removed"))
            .then_some(())
    })
    .await;
    drop(worker);
    world.set("keys", &new);
    assert_eq!(status(&world, 0).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn operating_needs_no_key() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let id = world.enqueue(&queue, &good(0)).await.to_string();
    let worker = world.worker("worker", &[]).await;
    world.end_of(&queue, id.parse().unwrap()).await;
    drop(worker);
    world.unset("keys");
    for words in [
        &["queue", "stats"][..],
        &["limits"],
        &["limits", "set", "bvn", "--rate", "5/s"],
        &["limits", "pause", "bvn"],
        &["limits", "resume", "bvn"],
        &["jobs", "list"],
        &["jobs", "show", &id],
        &["results"],
        &["rejected"],
        &["tenants", "list"],
    ] {
        let ran = world.run(words).await;
        assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
    }
    for words in [
        &["result", &id][..],
        &["explain", &id],
        &["images", &id],
        &["work"],
        &["enqueue", "bvn", "22200000000"],
        &["keys", "rewrap"],
        &["keys", "public"],
    ] {
        let ran = world.run(words).await;
        assert!(
            ran.code != 0 && ran.err.contains("KYC_KEYS is not set"),
            "{words:?}: {ran:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_only_inbox_refuses_jobs_in_clear() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[("inbox", "sealed-only")]).await;
    let job = r#"{"kind":"bvn","bvn":"22200000000","reference":"sealed"}"#;
    queue.post(&job.replace("sealed", "clear")).await.unwrap();
    // The second one is sealed for the inbox of somebody else.
    let public = queue.vault().public().unwrap();
    for info in [&b"kyc-inbox default"[..], b"kyc-inbox other"] {
        let sealed = public.seal(info, job.as_bytes());
        let fields: &[(&str, &[u8])] = &[("key", public.id().as_bytes()), ("sealed", &sealed)];
        let mut redis = world.redis().await;
        let _: String = redis.xadd("{kyc}:inbox", "*", fields).await.unwrap();
    }
    let done = eventually_within(LONG, "one is done, two are rejected", async || {
        let rejected = queue.rejected(10).await.unwrap();
        let done = world.published(&queue).await;
        (rejected.len() == 2 && done.len() == 1).then_some((rejected, done))
    })
    .await;
    assert_eq!(done.1[0].reference, "sealed");
    let mut fields: Vec<&str> = done.0.iter().map(|entry| entry.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["job", "sealed"]);
}

/// Jobs that are waiting or running, and how many key records each key has.
async fn keys_of_jobs(world: &World) -> BTreeMap<String, usize> {
    let mut redis = world.redis().await;
    let jobs: Vec<String> = redis.keys("{kyc}:job:*").await.unwrap();
    let mut count = BTreeMap::new();
    for job in jobs {
        let record: Vec<u8> = redis.hget(&job, "key").await.unwrap();
        let id = kyc_vault::key_id(&record).unwrap().to_owned();
        *count.entry(id).or_default() += 1;
    }
    count
}

fn write(path: &Path, keys: &[&str]) {
    std::fs::write(path, keys.join("\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_changed_three_times_under_load_and_no_job_fails() {
    const ROUND: usize = 1_250;
    let mut world = World::new().await;
    let keys: Vec<String> = ["k1", "k2", "k3", "k4"]
        .map(|id| Keyring::generate(id).unwrap())
        .to_vec();
    let file = world.dir().join("keys");
    write(&file, &[&keys[0]]);
    world.unset("keys");
    world.set("keys_file", file.to_str().unwrap());
    let workers = [world.worker("a", &[]).await, world.worker("b", &[]).await];
    let mut ids = Vec::new();
    for nth in 0..4 {
        let known: Vec<&str> = keys[..=nth].iter().rev().map(String::as_str).collect();
        let text = known.join(",");
        let vault = Vault::new(Keyring::parse(&text).unwrap());
        let queue = Queue::connect(Config::new(world.setting("redis_url").to_owned()), vault)
            .await
            .unwrap();
        let jobs: Vec<_> = (0..ROUND).map(|at| good(at % 40).request()).collect();
        for accepted in queue.enqueue_all(&jobs).await {
            ids.push(accepted.unwrap().id);
        }
        if let Some(next) = keys.get(nth + 1) {
            // First behind the others, then in front, each read by both workers while jobs run.
            for order in [
                [&known[..], &[next.as_str()]].concat(),
                [&[next.as_str()], &known[..]].concat(),
            ] {
                write(&file, &order);
                let list = Keyring::parse(&order.join(","))
                    .unwrap()
                    .ids()
                    .collect::<Vec<_>>()
                    .join(",");
                for worker in &workers {
                    eventually_within(LONG, "the keys are read", async || {
                        worker.log().contains(&format!("\"{list}\"")).then_some(())
                    })
                    .await;
                }
            }
            let ran = world.run(["keys", "rewrap", "--json"]).await.good();
            let told: Value = serde_json::from_str(&ran).unwrap();
            assert_eq!(told["unopened"], serde_json::json!({}), "{told}");
        }
    }
    write(&file, &[&keys[3]]);
    let queue = Queue::connect(
        Config::new(world.setting("redis_url").to_owned()),
        Vault::new(Keyring::parse(&keys[3]).unwrap()),
    )
    .await
    .unwrap();
    for id in &ids {
        let known = queue.wait(*id, LONG).await.unwrap().unwrap();
        assert_eq!(known.state, State::Completed, "{known:?}");
        assert_eq!(known.attempts, 1, "{known:?}");
        assert!(known.outcome.is_some());
    }
    assert_eq!(
        keys_of_jobs(&world).await,
        [("k4".to_owned(), ids.len())].into()
    );
    world.nothing_left(&queue).await;
}

/// The fields of jobs in Redis.
async fn fields(world: &World, ids: &[VerificationId]) -> Vec<BTreeMap<String, Vec<u8>>> {
    let mut redis = world.redis().await;
    let mut found = Vec::new();
    for id in ids {
        found.push(redis.hgetall(format!("{{kyc}}:job:{id}")).await.unwrap());
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn rewrapping_leaves_jobs_and_images_but_for_key_records() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let ids = [0, 1, 2].map(good);
    let mut all = Vec::new();
    for job in &ids {
        all.push(world.enqueue(&queue, job).await);
    }
    let worker = world.worker("worker", &[]).await;
    for id in &all {
        world.end_of(&queue, *id).await;
    }
    drop(worker);
    let before = fields(&world, &all).await;
    let blobs = crate::secrets::files_below(&world.blobs());
    let old = world.keys().to_owned();
    let new = Keyring::generate("new").unwrap();
    world.set("keys", &format!("{new},{old}"));
    let told: Value =
        serde_json::from_str(&world.run(["--json", "keys", "rewrap"]).await.good()).unwrap();
    assert_eq!(
        (&told["read"], &told["rewrapped"]),
        (&3.into(), &3.into()),
        "{told}"
    );
    let after = fields(&world, &all).await;
    for (before, after) in before.iter().zip(&after) {
        for (name, value) in before {
            assert_eq!(value == &after[name], name != "key", "{name}");
        }
    }
    assert_eq!(blobs, crate::secrets::files_below(&world.blobs()));
    // The old key is needed no more.
    world.set("keys", &new);
    for id in &all {
        world
            .run(["images", &id.to_string(), "--out", "images"])
            .await
            .good();
    }
    let again = world.run(["--json", "keys", "rewrap"]).await.good();
    assert!(again.contains(r#""rewrapped":0"#), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_a_key_takes_none_of_its_jobs_and_spoils_nothing() {
    let mut world = World::new().await;
    let (old, new) = (world.keys().to_owned(), Keyring::generate("new").unwrap());
    let queue = world.queue().await;
    let reuse = [("reuse", "bvn=1h")];
    let lacks = world.worker("lacks", &reuse).await;
    world.set("keys", &format!("{old},{new}"));
    let has = world.worker("has", &reuse).await;
    // These are sealed with the new key.
    world.set("keys", &format!("{new},{old}"));
    world.set("reuse", "bvn=1h");
    let jobs: Vec<Job> = (0..30).map(|nth| good(nth % 6)).collect();
    let ids = enqueue(&world, &jobs).await;
    for id in &ids {
        let known = queue.look_at(&[*id]).await.unwrap();
        assert_eq!(known.len(), 1);
    }
    let both = Vault::new(Keyring::parse(&format!("{new},{old}")).unwrap());
    let queue = Queue::connect(Config::new(world.setting("redis_url").to_owned()), both)
        .await
        .unwrap();
    for id in &ids {
        let known = queue.wait(*id, LONG).await.unwrap().unwrap();
        assert_eq!(
            (known.state, known.attempts, known.stalls),
            (State::Completed, 1, 0),
            "{known:?}"
        );
    }
    let calls: u64 = (0..6).map(|nth| world.calls(&good(nth))).sum();
    assert_eq!(calls, 6, "one call for each number");
    assert!(
        lacks.log().contains("This worker lacks a key"),
        "{}",
        lacks.log()
    );
    assert!(!has.log().contains("lacks a key"));
}
