//! The recorded arrivals.

use std::time::{Duration, Instant};

use futures::future::join_all;
use kyc_sandbox::{
    Config,
    arrivals::{busiest, within},
};
use serde_json::Value;

use crate::support::{World, path, small};

const KINDS: [&str; 6] = [
    "bvn",
    "nin",
    "nin_phone",
    "cac",
    "drivers_license",
    "passport",
];

async fn call(world: &World, number: &str) -> u16 {
    let request = world.get(&path("bvn", number)).header("Api-Token", "any");
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn calls_are_recorded_when_they_come() {
    // The latency delays the answer, not the arrival.
    let latency = Duration::from_millis(500);
    let world = World::start(Config { latency, ..small() }).await;
    let mut spans = Vec::new();
    for number in ["22200000001", "22200000021"] {
        let from = world.sandbox.elapsed();
        call(&world, number).await;
        spans.push((from, world.sandbox.elapsed()));
    }
    let arrivals = world.sandbox.arrivals("bvn");
    assert_eq!(arrivals.len(), 2);
    for (from, to) in spans {
        assert_eq!(within(&arrivals, from, to), 1);
        assert_eq!(
            within(&arrivals, to - latency, to),
            0,
            "recorded before the answer"
        );
    }
    assert_eq!(busiest(&arrivals, latency), 1);
    assert_eq!(busiest(&arrivals, Duration::from_mins(1)), 2);
    assert_eq!(world.sandbox.arrivals("nin"), []);
}

#[tokio::test]
async fn many_at_once_are_all_there_and_in_order() {
    let world = World::ordinary().await;
    join_all((0..200).map(|_| call(&world, "22200000001"))).await;
    // A call without a token is refused, and is an arrival nevertheless.
    world.get(&path("bvn", "22200000000")).send().await.unwrap();
    let arrivals = world.sandbox.arrivals("bvn");
    assert_eq!(arrivals.len(), 201);
    assert!(arrivals.is_sorted());
    let second = busiest(&arrivals, Duration::from_secs(1)) as u64;
    assert_eq!(second, world.sandbox.stats().busiest_second["bvn"]);
}

#[tokio::test]
async fn the_record_is_read_over_http_and_begins_anew_with_a_reset() {
    let world = World::ordinary().await;
    for _ in 0..3 {
        call(&world, "22200000001").await;
    }
    let body = world.own("/__sandbox/arrivals?kind=bvn").await;
    assert_eq!(body.as_object().unwrap().len(), 2);
    assert_eq!(body["kind"], "bvn");
    let at_ms: Vec<f64> = serde_json::from_value(body["at_ms"].clone()).unwrap();
    let here = world.sandbox.arrivals("bvn");
    let expected: Vec<f64> = here
        .iter()
        .map(|at| at.as_micros() as f64 / 1_000.0)
        .collect();
    assert_eq!(at_ms, expected);

    let reset = Instant::now();
    let url = format!("{}/__sandbox/reset", world.sandbox.url());
    world.client.post(url).send().await.unwrap();
    for kind in KINDS {
        let body = world.own(&format!("/__sandbox/arrivals?kind={kind}")).await;
        assert_eq!(body["at_ms"], Value::Array(Vec::new()), "{kind}");
    }
    call(&world, "22200000001").await;
    let arrivals = world.sandbox.arrivals("bvn");
    let now = world.sandbox.elapsed();
    assert_eq!(arrivals.len(), 1);
    assert!(arrivals[0] <= now);
    assert!(now <= reset.elapsed(), "the clock was not reset");
}

#[tokio::test]
async fn a_kind_must_be_named() {
    let world = World::ordinary().await;
    for query in ["", "?kind=", "?kind=vnin", "?kinds=bvn"] {
        let request = world.get(&format!("/__sandbox/arrivals{query}"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["field"], "kind");
        assert!(body["remedy"].as_str().unwrap().contains("drivers_license"));
    }
}
