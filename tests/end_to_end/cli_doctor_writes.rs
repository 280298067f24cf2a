//! A Redis that answers but accepts no writes, or drops keys: `kyc doctor` and `kyc work` report it.

use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_tests::{World, eventually, redis_program};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use serde_json::Value;

/// Returns the bad findings with their sentences, and asserts that the exit code agrees.
async fn bad(world: &World) -> Vec<(String, String)> {
    let ran = world.run(["doctor", "--json", "--local"]).await;
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let checks = told["checks"].as_array().unwrap().iter();
    let bad = checks.filter(|check| check["finding"] == "bad");
    let bad: Vec<(String, String)> = bad
        .map(|check| (text(check, "check"), text(check, "sentence")))
        .collect();
    assert_eq!(ran.code, i32::from(!bad.is_empty()), "{ran:?}");
    bad
}

#[track_caller]
fn says(bad: &[(String, String)], check: &str, part: &str) {
    let found = bad.iter().find(|(name, _)| name == check);
    let (_, sentence) = found.unwrap_or_else(|| panic!("{check} is not bad: {bad:?}"));
    assert!(sentence.contains(part), "{part} is missing in: {sentence}");
    assert!(!sentence.contains("user_script"), "{sentence}");
}

async fn command(redis: &mut MultiplexedConnection, words: &[&str]) {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]).exec_async(redis).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_refuses_writes_is_a_bad_finding_for_any_reason() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    assert_eq!(bad(&world).await, [], "it is well, and the queue is there");
    let mut redis = world.redis().await;
    let nothing_left: bool = redis.exists("{kyc}:doctor").await.unwrap();
    assert!(!nothing_left);

    command(&mut redis, &["CONFIG", "SET", "maxmemory", "100kb"]).await;
    let told = bad(&world).await;
    says(&told, "redis writes", "maxmemory");
    says(&told, "redis memory", "new jobs are refused");
    command(&mut redis, &["CONFIG", "SET", "maxmemory", "0"]).await;

    command(&mut redis, &["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    says(&bad(&world).await, "redis writes", "min-replicas-to-write");
    command(&mut redis, &["CONFIG", "SET", "min-replicas-to-write", "0"]).await;

    let user = "ACL SETUSER reader on >pa55word %R~{kyc}* &* +@all";
    let words: Vec<&str> = user.split(' ').collect();
    command(&mut redis, &words).await;
    let url = world.setting("redis_url").to_owned();
    world.set("redis_url", &url.replace("://", "://reader:pa55word@"));
    says(&bad(&world).await, "redis writes", "ACL");
    world.set("redis_url", &url);
    assert_eq!(bad(&world).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_cannot_save_is_a_bad_finding() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    let server = PrivateRedis::start(Options {
        binary: redis_program(),
        ..Options::default()
    })
    .unwrap();
    world.set("redis_url", &server.url());
    assert_eq!(bad(&world).await, []);
    let client = redis::Client::open(server.url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    command(&mut redis, &["CONFIG", "SET", "save", "3600 1"]).await;
    std::fs::remove_dir_all(server.dir()).unwrap();
    command(&mut redis, &["BGSAVE"]).await;
    eventually("the snapshot has failed", async || {
        let greet = redis::cmd("PING");
        let greeted: Result<(), _> = greet.exec_async(&mut redis.clone()).await;
        greeted.is_err().then_some(())
    })
    .await;
    let told = bad(&world).await;
    // Such a server refuses even the greeting, so there are no other findings.
    says(&told, "redis", "could not save to disk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_warns_of_a_redis_that_drops_keys() {
    let world = World::new().await;
    let mut redis = world.redis().await;
    let mut quiet = world.worker("quiet", &[]).await;
    command(
        &mut redis,
        &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
    )
    .await;
    let worker = world.worker("warned", &[]).await;
    eventually("it warns", async || {
        let log = worker.log();
        (log.contains("noeviction") && log.contains("allkeys-lru")).then_some(())
    })
    .await;
    assert_eq!(quiet.terminate().await, 0);
    assert!(!quiet.log().contains("noeviction"), "{}", quiet.log());
    says(&bad(&world).await, "redis eviction", "noeviction");
}
