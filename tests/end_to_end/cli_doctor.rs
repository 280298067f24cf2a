//! The findings of `kyc doctor` about Redis.

use std::collections::BTreeMap;

use kyc_sandbox::redis::{Options, PrivateCluster, PrivateRedis, PrivateSentinel};
use kyc_tests::{World, eventually, redis_program};
use serde_json::Value;

/// Returns the finding of each check, and its sentence.
async fn told(world: &World) -> BTreeMap<String, (String, String)> {
    let ran = world.run(["doctor", "--json", "--local"]).await;
    let told: Value = serde_json::from_str(&ran.good()).unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let checks = told["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            let found = (text(check, "finding"), text(check, "sentence"));
            (text(check, "check"), found)
        })
        .collect()
}

#[track_caller]
fn says(told: &BTreeMap<String, (String, String)>, check: &str, finding: &str, parts: &[&str]) {
    let (found, sentence) = &told[check];
    assert_eq!(found, finding, "{check}: {sentence}");
    for part in parts {
        assert!(sentence.contains(part), "{part} is missing in: {sentence}");
    }
}

fn options() -> Options {
    Options {
        binary: redis_program(),
        ..Options::default()
    }
}

async fn set(world: &World, name: &str, value: &str) {
    let mut redis = world.redis().await;
    let mut set = redis::cmd("CONFIG");
    set.arg(&["SET", name, value]);
    set.exec_async(&mut redis).await.unwrap();
}

async fn used_memory(world: &World) -> u64 {
    let info = world.queue().await.info("memory").await.unwrap();
    info["used_memory"].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_a_single_server_are_checked() {
    let mut world = World::new().await;
    let found = told(&world).await;
    says(
        &found,
        "redis setup",
        "good",
        &["a single server, without a replica"],
    );
    says(&found, "redis clock", "good", &["differ by"]);
    says(&found, "redis memory", "good", &["without a limit"]);
    says(&found, "redis persistence", "good", &["everysec"]);

    set(&world, "appendfsync", "no").await;
    let nearly = used_memory(&world).await * 11 / 10;
    set(&world, "maxmemory", &nearly.to_string()).await;
    let found = told(&world).await;
    says(&found, "redis persistence", "warning", &["half a minute"]);
    says(&found, "redis memory", "warning", &["new jobs are refused"]);
    set(&world, "maxmemory", "0").await;

    // A user that may not read the settings, as on a managed server.
    let mut redis = world.redis().await;
    let mut user = redis::cmd("ACL");
    user.arg(&[
        "SETUSER",
        "worker",
        "on",
        ">pa55word",
        "~*",
        "&*",
        "+@all",
        "-config",
    ]);
    user.exec_async(&mut redis).await.unwrap();
    let url = world
        .setting("redis_url")
        .replace("://", "://worker:pa55word@");
    world.set("redis_url", &url);
    let found = told(&world).await;
    says(&found, "redis persistence", "good", &["cannot be seen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nodes_of_a_cluster_are_checked() {
    let mut world = World::new().await;
    let cluster = PrivateCluster::start(3, &options()).unwrap();
    for node in cluster.nodes() {
        world.set("redis_url", &node.url());
        says(
            &told(&world).await,
            "redis setup",
            "good",
            &["a cluster", "without a replica"],
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_is_found_through_sentinel() {
    let mut world = World::new().await;
    let master = PrivateRedis::start(options()).unwrap();
    let replica = PrivateRedis::start(Options {
        replica_of: Some(master.port()),
        ..options()
    })
    .unwrap();
    let sentinel = PrivateSentinel::start(&options(), "mine", master.port()).unwrap();
    world.set("redis_url", &replica.url());
    eventually("the replica leads to its master", async || {
        let (_, sentence) = told(&world).await.remove("redis setup")?;
        sentence
            .contains("a single server, with one replica")
            .then_some(())
    })
    .await;
    let url = format!("redis+sentinel://127.0.0.1:{}/mine", sentinel.port());
    world.set("redis_url", &url);
    let found = told(&world).await;
    says(
        &found,
        "redis setup",
        "good",
        &["that Sentinel names, with one replica"],
    );
    world.set("redis_url", &url.replace("mine", "yours"));
    let ran = world.run(["doctor", "--quiet", "--local"]).await;
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.out.contains("MasterNameNotFoundBySentinel"), "{ran:?}");
}
