//! Many who wait at one server, over one subscription.

use std::time::Duration;

use kyc_tests::{LONG, World, eventually};
use redis::aio::MultiplexedConnection;
use reqwest::Method;
use serde_json::json;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    sse::Events,
    support::{Answer, Api, key},
};

const POLLS: usize = 200;
const STREAMS: usize = 200;
/// One API key has a bounded number of streams.
const KEYS: usize = 4;

/// Returns the names of the connections that are subscribed to something.
async fn subscriptions(redis: &mut MultiplexedConnection) -> usize {
    let mut list = redis::cmd("CLIENT");
    list.arg(&["LIST", "TYPE", "PUBSUB"]);
    let list: String = list.query_async(redis).await.unwrap();
    list.lines().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_wait_are_told_over_one_subscription() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let words = [
        "--tenant",
        "acme",
        "--role",
        "submit,read",
        "--rate",
        "100000",
    ];
    let mut keys = Vec::new();
    for _ in 0..KEYS {
        keys.push(key(&world, &words).await);
    }
    let (mut ids, mut polls, mut streams) = (Vec::new(), JoinSet::new(), JoinSet::new());
    for nth in 0..POLLS {
        let job = json!({ "kind": "bvn", "bvn": format!("222{nth:05}000") });
        ids.push(api.submit(&keys[0], &job).await);
    }
    for id in &ids {
        let path = format!("/v1/verifications/{id}?wait=60s");
        polls.spawn(Answer::of(api.request(Method::GET, &path, &keys[0])));
    }
    for nth in 0..STREAMS {
        let (mut events, _) = Events::open(&api, &keys[nth % KEYS], None).await;
        streams.spawn(async move { events.ids(POLLS).await });
    }
    let mut redis = world.redis().await;
    eventually("the server listens", async || {
        (subscriptions(&mut redis).await == 1).then_some(())
    })
    .await;
    // The subscription breaks, and is made anew for all.
    let mut kill = redis::cmd("CLIENT");
    kill.arg(&["KILL", "TYPE", "PUBSUB"]);
    let killed: usize = kill.query_async(&mut redis).await.unwrap();
    assert_eq!(killed, 1);
    eventually("the server listens again", async || {
        (subscriptions(&mut redis).await == 1).then_some(())
    })
    .await;
    let _worker = world.worker("one", &[]).await;
    let answers = timeout(LONG, polls.join_all()).await;
    for answer in answers.expect("all long polls end long before their time") {
        assert_eq!(
            (answer.status, &answer.json()["state"]),
            (200, &json!("completed"))
        );
    }
    let told = timeout(LONG, streams.join_all()).await;
    ids.sort_unstable();
    let mut order = None;
    for mut told in told.expect("all streams have all ends") {
        let first = order.get_or_insert_with(|| told.clone());
        assert_eq!(&told, first, "all are told in one order");
        told.sort_unstable();
        assert_eq!(told, ids);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_delays_an_event_by_a_second_at_most() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "default", "--role", "read"]).await;
    let (mut events, _) = Events::open(&api, &app, None).await;
    let mut redis = world.redis().await;
    // As a worker publishes it, but no message follows.
    let result = json!({ "id": "one", "kind": "bvn", "tenant": "default", "state": "completed", "verdict": "found" });
    let mut add = redis::cmd("XADD");
    add.arg("{kyc}:results")
        .arg("*")
        .arg("result")
        .arg(result.to_string());
    let _: String = add.query_async(&mut redis).await.unwrap();
    let told = timeout(Duration::from_secs(30), events.ids(1)).await;
    assert_eq!(told.expect("it comes"), ["one"]);
}
