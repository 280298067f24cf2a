//! Limits, counts, compression, latency and shutdown.

use std::{num::NonZeroU32, time::Duration};

use kyc_sandbox::{Compression, Config};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{World, path, small};

#[tokio::test]
async fn the_rate_is_limited() {
    let world = World::start(Config {
        rate_per_second: NonZeroU32::new(5),
        ..small()
    })
    .await;
    let mut refused = 0;
    for _ in 0..20 {
        let request = world
            .get(&path("bvn", "22200000001"))
            .header("Api-Token", "any");
        let response = request.send().await.unwrap();
        if response.status() == 429 {
            assert_eq!(response.headers()["Retry-After"], "1");
            refused += 1;
        }
    }
    // Twenty calls take far less than the three seconds in which the limit would admit all of them.
    assert!(refused > 0);
    assert_eq!(world.sandbox.stats().arrivals["bvn"], 20);
}

#[tokio::test]
async fn what_arrives_is_counted_until_reset() {
    let world = World::ordinary().await;
    for number in ["22200000000", "22200000000", "22200000021"] {
        world.ask("bvn", number).await.unwrap();
    }
    world.ask("cac", "456000").await.unwrap();
    world.get(&path("nin", "12345678000")).send().await.unwrap();
    let stats = world.own("/__sandbox/stats").await;
    assert_eq!(stats, serde_json::to_value(world.sandbox.stats()).unwrap());
    assert_eq!(stats["arrivals"]["bvn"], 3);
    assert_eq!(
        stats["arrivals"]["nin"], 1,
        "a refused call is an arrival too"
    );
    assert_eq!(stats["arrivals"]["passport"], 0);
    assert_eq!(stats["calls"]["bvn/22200000000"], 2);
    assert!(
        stats["busiest_second"]["all"].as_u64().unwrap()
            >= stats["busiest_second"]["bvn"].as_u64().unwrap()
    );

    let reset = world
        .client
        .post(format!("{}/__sandbox/reset", world.sandbox.url()));
    reset.send().await.unwrap().error_for_status().unwrap();
    let stats = world.own("/__sandbox/stats").await;
    assert_eq!(
        (&stats["arrivals"]["bvn"], &stats["calls"]),
        (&0.into(), &serde_json::json!({}))
    );
}

#[tokio::test]
async fn answers_are_compressed_when_asked_for() {
    for (compression, accepted, encoding) in [
        (Compression::Auto, "gzip", Some("gzip")),
        (Compression::Auto, "br", Some("br")),
        (Compression::Auto, "identity", None),
        (Compression::Off, "gzip, br", None),
    ] {
        let world = World::start(Config {
            compression,
            ..small()
        })
        .await;
        let request = world
            .get(&path("bvn", "22200000000"))
            .header("Api-Token", "any");
        let response = request
            .header("Accept-Encoding", accepted)
            .send()
            .await
            .unwrap();
        let sent = response
            .headers()
            .get("Content-Encoding")
            .map(|value| value.to_str().unwrap());
        assert_eq!(sent, encoding, "{compression:?} {accepted}");
    }
}

#[tokio::test]
async fn a_compressed_answer_is_the_same_answer() {
    let world = World::ordinary().await;
    let plain = world.record("bvn", "22200000000").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}{}", world.sandbox.url(), path("bvn", "22200000000"));
    let response = client
        .get(url)
        .header("Api-Token", "any")
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.json::<Value>().await.unwrap()["data"]["data"],
        plain
    );
}

#[tokio::test]
async fn latency_delays_answers_of_the_provider_only() {
    let latency = Duration::from_millis(300);
    let world = World::start(Config { latency, ..small() }).await;
    let start = Instant::now();
    world.own("/__sandbox/health").await;
    assert!(start.elapsed() < latency);
    let start = Instant::now();
    world.ask("bvn", "22200000001").await.unwrap();
    assert!(start.elapsed() >= latency);
}

#[tokio::test]
async fn a_dropped_sandbox_is_gone_with_its_connections() {
    let world = World::start(Config {
        never: Duration::from_hours(1),
        ..small()
    })
    .await;
    let (client, url) = (world.client.clone(), world.sandbox.url());
    let hanging = world
        .get(&path("bvn", "22200000030"))
        .header("Api-Token", "any")
        .send();
    let hanging = tokio::spawn(hanging);
    while world.sandbox.stats().arrivals["bvn"] == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(world);
    let ended = tokio::time::timeout(Duration::from_secs(5), hanging).await;
    assert!(ended.unwrap().unwrap().is_err());
    assert!(
        client
            .get(format!("{url}/__sandbox/health"))
            .send()
            .await
            .is_err()
    );
}
