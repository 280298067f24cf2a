//! Cases without a record or without an answer.

use std::time::Duration;

use kyc_sandbox::Config;
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{NUMBERS, World, path, small};

#[tokio::test]
async fn refusals_have_their_status_and_a_message() {
    let world = World::ordinary().await;
    for (code, status) in [
        ("001", 404),
        ("021", 500),
        ("040", 401),
        ("041", 403),
        ("042", 402),
        ("043", 400),
        ("044", 422),
    ] {
        for (kind, stem) in NUMBERS {
            for _ in 0..2 {
                let response = world.ask(kind, &format!("{stem}{code}")).await.unwrap();
                assert_eq!(response.status().as_u16(), status, "{kind} {code}");
                let body: Value = response.json().await.unwrap();
                assert_eq!(
                    (&body["status"], &body["data"]),
                    (&"error".into(), &Value::Null)
                );
                assert!(!body["message"].as_str().unwrap().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn some_refusals_come_once() {
    let world = World::ordinary().await;
    for (code, status, retry) in [
        ("010", 429, Some("2")),
        ("012", 429, None),
        ("020", 500, None),
        ("022", 503, Some("1")),
    ] {
        for (kind, stem) in NUMBERS {
            let number = format!("{stem}{code}");
            let response = world.ask(kind, &number).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{kind} {code}");
            let header = response
                .headers()
                .get("Retry-After")
                .map(|value| value.to_str().unwrap());
            assert_eq!(header, retry, "{kind} {code}");
            world.record(kind, &number).await;
            world.record(kind, &number).await;
        }
    }
}

#[tokio::test]
async fn a_reset_makes_them_come_again() {
    let world = World::ordinary().await;
    for _ in 0..2 {
        assert_eq!(world.ask("bvn", "22200000020").await.unwrap().status(), 500);
        assert_eq!(world.ask("bvn", "22200000020").await.unwrap().status(), 200);
        let reset = world
            .client
            .post(format!("{}/__sandbox/reset", world.sandbox.url()));
        reset.send().await.unwrap().error_for_status().unwrap();
    }
}

#[tokio::test]
async fn a_pause_may_be_said_as_a_date() {
    let world = World::ordinary().await;
    let before = jiff::Timestamp::now();
    let response = world.ask("bvn", "22200000011").await.unwrap();
    let after = jiff::Timestamp::now();
    assert_eq!(response.status(), 429);
    let text = response.headers()["Retry-After"].to_str().unwrap();
    assert!(text.ends_with(" GMT") && text.len() == 29, "{text}");
    let date = jiff::fmt::rfc2822::parse(text).unwrap().timestamp();
    assert!(
        date.as_millisecond() >= before.as_millisecond() + 2_000,
        "{text}"
    );
    assert!(
        date.as_millisecond() <= after.as_millisecond() + 3_000,
        "{text}"
    );
    world.record("bvn", "22200000011").await;
}

#[tokio::test]
async fn no_answer_ends_in_a_closed_connection() {
    let world = World::start(Config {
        never: Duration::from_millis(200),
        ..small()
    })
    .await;
    let start = Instant::now();
    let error = world.ask("bvn", "22200000030").await.unwrap_err();
    assert!(!error.is_timeout());
    assert!(start.elapsed() >= Duration::from_millis(200));
}

/// Accepts compressed bodies: these faults must not be compressed nevertheless.
fn asked(world: &World, code: &str) -> reqwest::RequestBuilder {
    let number = format!("22200000{code}");
    world
        .get(&path("bvn", &number))
        .header("Api-Token", "any")
        .header("Accept-Encoding", "gzip, br")
}

#[tokio::test]
async fn a_slow_body_takes_its_time_in_small_pieces() {
    let slow_body = Duration::from_millis(400);
    let world = World::start(Config {
        slow_body,
        ..small()
    })
    .await;
    let mut response = asked(&world, "031").send().await.unwrap();
    let start = Instant::now();
    let mut body = Vec::new();
    let mut pieces = 0;
    while let Some(piece) = response.chunk().await.unwrap() {
        body.extend_from_slice(&piece);
        pieces += 1;
    }
    // The head may arrive together with the first piece.
    assert!(start.elapsed() >= slow_body * 3 / 4);
    assert!(pieces > 5, "{pieces}");
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap()["status"],
        "success"
    );
}

#[tokio::test]
async fn a_body_breaks_off() {
    let world = World::ordinary().await;
    let mut response = asked(&world, "032").send().await.unwrap();
    let length = response.content_length().unwrap() as usize;
    let mut received = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(piece)) => received += piece.len(),
            Ok(None) => panic!("the body ended as if it were whole"),
            Err(error) => break error,
        }
    };
    assert!(!error.is_timeout());
    assert!(received > 0 && received < length);
}

#[tokio::test]
async fn half_of_the_json_comes_as_if_it_were_all() {
    let world = World::ordinary().await;
    let response = asked(&world, "033").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let length = response.content_length().unwrap() as usize;
    let body = response.bytes().await.unwrap();
    assert_eq!(body.len(), length);
    assert!(serde_json::from_slice::<Value>(&body).unwrap_err().is_eof());
}

#[tokio::test]
async fn some_bodies_are_not_what_they_should_be() {
    let world = World::ordinary().await;
    let html = world.ask("nin", "12345678034").await.unwrap();
    assert_eq!(html.status(), 200);
    assert!(
        html.headers()["Content-Type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(html.text().await.unwrap().starts_with("<!DOCTYPE html>"));

    let shape = world.ask("nin", "12345678035").await.unwrap();
    assert_eq!(shape.status(), 200);
    assert!(shape.json::<Value>().await.unwrap()["data"]["data"].is_array());

    let error = world.ask("nin", "12345678050").await.unwrap();
    assert_eq!(error.status(), 200);
    assert_eq!(
        error.json::<Value>().await.unwrap(),
        serde_json::json!({
            "status": "error", "data": null, "message": "The request could not be processed"
        })
    );
}
