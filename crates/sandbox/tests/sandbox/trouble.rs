//! Troubles.

use std::num::NonZeroU32;

use kyc_sandbox::{Config, Retry, Trouble};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{World, path, small};

const ORDINARY: &str = "22200000000";

async fn make(world: &World, trouble: &Value) -> Response {
    let url = format!("{}/__sandbox/trouble", world.sandbox.url());
    let request = world.client.post(url).body(trouble.to_string());
    request.send().await.unwrap()
}

async fn clear(world: &World) {
    let url = format!("{}/__sandbox/trouble", world.sandbox.url());
    let answer = world.client.delete(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// Returns the status of a call, or 0 if the connection was closed without an answer.
async fn status(world: &World, kind: &str, number: &str) -> u16 {
    match world.ask(kind, number).await {
        Ok(answer) => {
            assert_eq!(answer.headers()["X-Sandbox"], "1");
            answer.status().as_u16()
        }
        Err(error) => {
            assert!(error.is_request() && !error.is_timeout() && !error.is_connect());
            0
        }
    }
}

#[tokio::test]
async fn a_web_page_starts_no_trouble_and_resets_nothing() {
    let world = World::ordinary().await;
    assert_eq!(status(&world, "bvn", ORDINARY).await, 200);
    let from_page = async |path: &str, body: &str| {
        let url = format!("{}/__sandbox/{path}", world.sandbox.url());
        let request = world
            .client
            .post(url)
            .header("Origin", "https://evil.example");
        request
            .body(body.to_owned())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let trouble = json!({ "kind": "bvn", "status": 503 }).to_string();
    assert_eq!(from_page("trouble", &trouble).await, 403);
    assert_eq!(from_page("reset", "").await, 403);
    assert_eq!(status(&world, "bvn", ORDINARY).await, 200);
    let stats = world.own("/__sandbox/stats").await;
    assert_eq!(stats["calls"]["bvn/22200000000"], 2, "{stats}");
}

#[tokio::test]
async fn a_kind_is_in_trouble_until_it_is_cleared() {
    let world = World::ordinary().await;
    let made = make(&world, &json!({ "kind": "bvn", "status": 503 })).await;
    assert_eq!(
        (made.status().as_u16(), &made.headers()["X-Sandbox"]),
        (200, &"1".parse().unwrap())
    );
    for _ in 0..3 {
        // The trouble takes precedence over the case of the number.
        for number in [ORDINARY, "22200000001", "22200000020"] {
            assert_eq!(status(&world, "bvn", number).await, 503);
        }
        assert_eq!(status(&world, "nin", "12345678000").await, 200);
    }
    assert_eq!(world.sandbox.stats().arrivals["bvn"], 9);
    clear(&world).await;
    assert_eq!(status(&world, "bvn", ORDINARY).await, 200);
    assert_eq!(
        status(&world, "bvn", "22200000020").await,
        500,
        "the refusal that comes once is still due"
    );
}

#[tokio::test]
async fn trouble_may_last_for_some_calls_of_any_kind() {
    let world = World::ordinary().await;
    world
        .sandbox
        .trouble(Trouble::status(500, Retry::Unsaid).times(2));
    assert_eq!(status(&world, "cac", "456000").await, 500);
    assert_eq!(status(&world, "passport", "A12345000").await, 500);
    assert_eq!(status(&world, "cac", "456000").await, 200);
    world
        .sandbox
        .trouble(Trouble::status(500, Retry::Unsaid).of("cac"));
    assert_eq!(status(&world, "cac", "456000").await, 500);
    world.sandbox.clear();
    assert_eq!(status(&world, "cac", "456000").await, 200);
}

#[tokio::test]
async fn trouble_may_say_when_to_come_back() {
    let world = World::ordinary().await;
    make(&world, &json!({ "status": 429, "retry_after": 30 })).await;
    let answer = world.ask("bvn", ORDINARY).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["Retry-After"]),
        (429, &"30".parse().unwrap())
    );
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        (&body["status"], &body["data"]),
        (&"error".into(), &Value::Null)
    );

    make(&world, &json!({ "status": 503, "retry_after_date": 30 })).await;
    let before = jiff::Timestamp::now();
    let answer = world.ask("bvn", ORDINARY).await.unwrap();
    let after = jiff::Timestamp::now();
    let text = answer.headers()["Retry-After"].to_str().unwrap();
    let date = jiff::fmt::rfc2822::parse(text).unwrap().timestamp();
    assert!(
        date.as_millisecond() >= before.as_millisecond() + 30_000,
        "{text}"
    );
    assert!(
        date.as_millisecond() <= after.as_millisecond() + 31_000,
        "{text}"
    );

    make(&world, &json!({ "status": 503 })).await;
    let answer = world.ask("bvn", ORDINARY).await.unwrap();
    assert!(!answer.headers().contains_key("Retry-After"));
}

#[tokio::test]
async fn connections_may_be_closed_in_the_place_of_an_answer() {
    let world = World::ordinary().await;
    make(&world, &json!({ "kind": "nin", "drop": true, "times": 2 })).await;
    for expected in [0, 0, 200] {
        assert_eq!(status(&world, "nin", "12345678000").await, expected);
    }
    assert_eq!(
        world.sandbox.stats().arrivals["nin"],
        3,
        "no call was repeated"
    );
    assert_eq!(world.sandbox.arrivals("nin").len(), 3);
}

#[tokio::test]
async fn trouble_comes_after_the_token_and_the_limit() {
    let world = World::start(Config {
        rate_per_second: NonZeroU32::new(1),
        ..small()
    })
    .await;
    world
        .sandbox
        .trouble(Trouble::status(503, Retry::Unsaid).times(1));
    let without = world.get(&path("bvn", ORDINARY)).send().await.unwrap();
    assert_eq!(without.status(), 401);
    assert_eq!(
        status(&world, "bvn", ORDINARY).await,
        503,
        "the refused call does not count"
    );
    // Calls beyond the limit are refused before the trouble applies.
    world.sandbox.trouble(Trouble::status(503, Retry::Unsaid));
    let mut met = Vec::new();
    for _ in 0..10 {
        met.push(status(&world, "bvn", ORDINARY).await);
    }
    assert!(
        met.contains(&429) && met.iter().all(|status| [429, 503].contains(status)),
        "{met:?}"
    );
}

#[tokio::test]
async fn a_demand_need_not_be_met_in_trouble() {
    let world = World::ordinary().await;
    world
        .sandbox
        .trouble(Trouble::status(502, Retry::Unsaid).of("cac"));
    let request = world.get(&path("cac", "456000")).header("Api-Token", "any");
    assert_eq!(request.send().await.unwrap().status(), 502);
}

#[tokio::test]
async fn a_reset_leaves_trouble() {
    let world = World::ordinary().await;
    world.sandbox.trouble(Trouble::status(503, Retry::Unsaid));
    let url = format!("{}/__sandbox/reset", world.sandbox.url());
    world.client.post(url).send().await.unwrap();
    assert_eq!(status(&world, "bvn", ORDINARY).await, 503);
}

#[tokio::test]
async fn bad_trouble_is_refused_with_field_and_remedy_and_changes_nothing() {
    let world = World::ordinary().await;
    for (trouble, field) in [
        (json!([]), "trouble"),
        (json!({ "kind": "vnin", "status": 503 }), "kind"),
        (json!({ "status": 302 }), "status"),
        (json!({ "status": 503, "times": "2" }), "times"),
        (json!({ "drop": true, "retry_after": 3 }), "retry_after"),
        (json!({ "status": 503, "minutes": 3 }), "minutes"),
    ] {
        let answer = make(&world, &trouble).await;
        assert_eq!(answer.status(), 400, "{trouble}");
        assert_eq!(answer.headers()["X-Sandbox"], "1");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["field"], field, "{trouble}");
        for part in ["problem", "remedy"] {
            assert!(!body[part].as_str().unwrap().is_empty(), "{trouble}");
        }
    }
    assert_eq!(status(&world, "bvn", ORDINARY).await, 200);
}
