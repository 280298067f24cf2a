//! The inbox: jobs from any Redis client, without the library.

use kyc_queue::{Queue, Verification};
use kyc_tests::{World, eventually};
use redis::{Script, aio::MultiplexedConnection, streams::StreamRangeReply};
use serde_json::Value;

const INBOX: &str = "{kyc}:inbox";
const REJECTED: &str = "{kyc}:inbox:rejected";

/// Adds an entry, like `redis-cli XADD {kyc}:inbox * FIELD VALUE`.
async fn add(redis: &mut MultiplexedConnection, field: &str, value: &str) -> String {
    let mut add = redis::cmd("XADD");
    add.arg(INBOX).arg("*").arg(field).arg(value);
    add.query_async(redis).await.unwrap()
}

/// Waits until the inbox is empty and no pod holds an entry of it.
async fn emptied(redis: &MultiplexedConnection) {
    eventually("the inbox is empty", async || {
        let mut redis = redis.clone();
        let mut ask = redis::cmd("XLEN");
        let length: u64 = ask.arg(INBOX).query_async(&mut redis).await.unwrap();
        (length == 0).then_some(())
    })
    .await;
    let mut ask = redis::cmd("XPENDING");
    ask.arg(INBOX).arg("pods");
    let pending: Vec<redis::Value> = ask.query_async(&mut redis.clone()).await.unwrap();
    assert_eq!(pending[0], redis::Value::Int(0), "entries with a pod");
}

/// Waits until the verification with that reference is published, and returns it.
async fn published(world: &World, queue: &Queue, reference: &str) -> Verification {
    let result = eventually("the job is published", async || {
        let published = world.published(queue).await;
        published
            .into_iter()
            .find(|result| result.reference == reference)
    })
    .await;
    world.look(queue, result.id.parse().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_any_redis_client_is_verified_and_published() {
    let world = World::new().await;
    let (queue, mut redis) = (world.queue().await, world.redis().await);
    // One job is added before the worker starts, and one while it works.
    let job = |reference: &str| {
        format!(r#"{{"kind":"nin","nin":"12345678000","reference":"{reference}"}}"#)
    };
    add(&mut redis, "job", &job("loan-1")).await;
    let _worker = world.worker("worker", &[]).await;
    for reference in ["loan-1", "loan-2"] {
        if reference == "loan-2" {
            add(&mut redis, "job", &job(reference)).await;
        }
        let known = published(&world, &queue, reference).await;
        assert_eq!(known.verdict.as_deref(), Some("found"), "{reference}");
        assert_eq!(known.number, "********000");
    }
    emptied(&redis).await;
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_job_is_shown_with_its_errors_and_kept_sealed() {
    let world = World::new().await;
    let (queue, mut redis) = (world.queue().await, world.redis().await);
    let short = r#"{"kind":"nin","nin":"9876543219"}"#;
    let entry = add(&mut redis, "job", short).await;
    add(&mut redis, "job", "not JSON").await;
    let elsewhere = add(&mut redis, "payload", short).await;
    add(&mut redis, "job", r#"{"kind":"bvm","bvn":"22200000000"}"#).await;
    add(&mut redis, "job", r#"["kind"]"#).await;
    let _worker = world.worker("worker", &[]).await;
    eventually("all are rejected", async || {
        (queue.rejected(100).await.unwrap().len() == 5).then_some(())
    })
    .await;
    emptied(&redis).await;

    each_is_told(&queue, &entry).await;
    nothing_stands_in_clear(&mut redis).await;
    the_command_shows(&world, &entry, short).await;
    // An entry under another field name is kept too.
    let shown = world.run(["rejected", &elsewhere]).await.good();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["payload"], short);
    assert!(
        world.published(&queue).await.is_empty(),
        "nothing was accepted"
    );
    assert_eq!(
        world.stats().arrivals.values().sum::<u64>(),
        0,
        "nothing was called"
    );
    world.nothing_left(&queue).await;
}

async fn each_is_told(queue: &Queue, entry: &str) {
    let mut rejected = queue.rejected(100).await.unwrap();
    rejected.reverse();
    let told = |at: usize| (rejected[at].field.as_str(), rejected[at].problem.as_str());
    assert_eq!(rejected[0].entry, entry);
    assert_eq!(told(0), ("nin", "has 10 digits instead of 11"));
    assert_eq!(told(1).0, "job");
    assert!(told(1).1.starts_with("is not JSON"), "{}", told(1).1);
    assert_eq!(told(2), ("job", "is missing"));
    assert_eq!(told(3), ("kind", "is missing or not known"));
    assert_eq!(told(4), ("job", "is not a JSON object"));
    assert!(rejected.iter().all(|one| one.remedy.len() > 10));
}

async fn nothing_stands_in_clear(redis: &mut MultiplexedConnection) {
    let mut all = redis::cmd("XRANGE");
    let all: StreamRangeReply = all
        .arg(REJECTED)
        .arg("-")
        .arg("+")
        .query_async(redis)
        .await
        .unwrap();
    assert_eq!(all.ids.len(), 5);
    for (field, value) in all.ids.iter().flat_map(|entry| &entry.map) {
        let redis::Value::BulkString(bytes) = value else {
            panic!("{field} is no text");
        };
        let clear = bytes.windows(7).any(|part| part == b"9876543");
        assert!(!clear, "{field} holds the number in clear");
    }
}

async fn the_command_shows(world: &World, entry: &str, job: &str) {
    let listed = world.run(["rejected", "--json"]).await.good();
    let listed: Vec<Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(listed.len(), 5);
    let last = &listed[4];
    assert_eq!(
        (&last["entry"], &last["field"]),
        (&entry.into(), &"nin".into())
    );
    assert!(!last.to_string().contains("9876543"), "{last}");
    let lines = world.run(["rejected", "--most", "2"]).await.good();
    assert_eq!(lines.lines().count(), 2, "{lines}");
    let shown = world.run(["rejected", entry]).await.good();
    assert_eq!(shown.trim_end(), job);
    assert_ne!(world.run(["rejected", "1-1"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_is_one_job_and_another_job_with_it_is_rejected() {
    let world = World::new().await;
    let (queue, mut redis) = (world.queue().await, world.redis().await);
    let job = |code: &str| {
        format!(
            r#"{{"kind":"nin","nin":"12345678{code}","reference":"key-{code}","idempotency_key":"k1"}}"#
        )
    };
    let _worker = world.worker("worker", &[]).await;
    add(&mut redis, "job", &job("000")).await;
    published(&world, &queue, "key-000").await;
    add(&mut redis, "job", &job("000")).await;
    add(&mut redis, "job", &job("009")).await;
    let rejected = eventually("the other job is rejected", async || {
        queue.rejected(10).await.unwrap().pop()
    })
    .await;
    assert_eq!(rejected.field, "idempotency_key");
    emptied(&redis).await;
    assert_eq!(world.published(&queue).await.len(), 1);
    world.nothing_left(&queue).await;
}

/// Adds a job, has a pod read it, and makes that pod look silent for a minute. One script does all of it, so that no living
/// worker reads the job first.
const LEFT_BEHIND: &str = r"
    redis.call('XADD', KEYS[1], '7777777777777-0', 'job', ARGV[1])
    redis.call('XREADGROUP', 'GROUP', 'pods', 'deadpod', 'STREAMS', KEYS[1], '>')
    return redis.call('XCLAIM', KEYS[1], 'pods', 'deadpod', 0, '7777777777777-0', 'IDLE', ARGV[2], 'JUSTID')";

#[tokio::test(flavor = "multi_thread")]
async fn the_entries_of_a_dead_pod_are_taken_over() {
    let world = World::new().await;
    let (queue, mut redis) = (world.queue().await, world.redis().await);
    let _worker = world.worker("worker", &[]).await;
    let group = async || {
        let mut ask = redis::cmd("XINFO");
        ask.arg("GROUPS").arg(INBOX);
        let groups: Result<Vec<redis::Value>, _> = ask.query_async(&mut redis.clone()).await;
        groups.is_ok_and(|groups| !groups.is_empty()).then_some(())
    };
    eventually("the worker reads the inbox", group).await;
    let job = r#"{"kind":"bvn","bvn":"22200000000","reference":"orphan"}"#;
    let claimed: Vec<String> = Script::new(LEFT_BEHIND)
        .key(INBOX)
        .arg(job)
        .arg(60_000)
        .invoke_async(&mut redis)
        .await
        .unwrap();
    assert_eq!(claimed, ["7777777777777-0"]);
    let known = published(&world, &queue, "orphan").await;
    assert_eq!((known.verdict.as_deref(), known.calls), (Some("found"), 1));
    emptied(&redis).await;
    world.nothing_left(&queue).await;
}
