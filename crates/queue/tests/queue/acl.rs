//! A user of Redis that may do what the queue needs, and no more.

use kyc_kinds::{Rules, parse};
use kyc_queue::Inbox;
use serde_json::json;

use crate::support::{Case, KINDS, Moving, command, eventually, number};

/// As `kyc acl --role worker` prints them.
const RULES: &str = "~{kyc}* &{kyc}:* -@all +@read +@write +@pubsub +@transaction +@connection -@dangerous +evalsha \
                     +script|load +time +info +cluster|info +cluster|keyslot +cluster|myid +cluster|slots";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_the_queue_needs_its_keys_and_channels_alone() {
    let case = Case::start().await;
    let rules: Vec<&str> = ["ACL", "SETUSER", "worker", "reset", "on", ">secret"]
        .into_iter()
        .chain(RULES.split_whitespace())
        .collect();
    command::<()>(&case.redis, &rules).await;
    command::<()>(&case.redis, &["FLUSHALL"]).await;
    let url = format!("redis://worker:secret@127.0.0.1:{}", case.redis.port());
    let moving = Moving::start(&url, 30).await;
    let queue = moving.queue.clone();
    // What it may not see is no error.
    assert_eq!(queue.server_setting("appendfsync").await.unwrap(), None);
    assert!(
        queue
            .info("server")
            .await
            .unwrap()
            .contains_key("redis_version")
    );
    assert_eq!(queue.parked(&KINDS).await.unwrap(), []);
    queue.resume("bvn").await.unwrap();
    moving.all_is_well_again().await;

    let door = Inbox::new(queue.clone(), "one", |job: &[u8]| {
        parse(job, Rules::default())
    });
    let reading = tokio::spawn(async move { door.run().await });
    let good = json!({"kind": "bvn", "bvn": number(900)}).to_string();
    queue.post(&good).await.unwrap();
    queue.post("{}").await.unwrap();
    eventually("one is accepted, one is rejected", async || {
        let depths = queue.depths(&KINDS).await.unwrap();
        (depths.ready["bvn"] == 1 && depths.rejected == 1 && depths.inbox == 0).then_some(())
    })
    .await;
    assert_eq!(queue.rejected(5).await.unwrap().len(), 1);
    reading.abort();
    let stranger = redis::Client::open(url).unwrap();
    let mut stranger = stranger.get_multiplexed_async_connection().await.unwrap();
    for words in [&["SET", "other", "1"][..], &["FLUSHALL"], &["KEYS", "*"]] {
        let mut command = redis::cmd(words[0]);
        let refused = command.arg(&words[1..]).exec_async(&mut stranger).await;
        assert_eq!(refused.unwrap_err().code(), Some("NOPERM"), "{words:?}");
    }
}
