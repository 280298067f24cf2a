//! More connections than there are places.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::{
    raw::{connect, read_to_end, status},
    siege::Siege,
};

const PLACES: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_give_way_to_those_who_ask() {
    let siege = Siege::of(&[("serve_connections", &PLACES.to_string())]).await;
    // All places, three times over: silent ones, those that were answered once, and those in the middle of a head.
    let mut crowd = Vec::new();
    for number in 0..3 * PLACES {
        let mut stream = connect(&siege.api).await;
        let bytes: &[u8] = match number % 3 {
            0 => b"",
            1 => b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            _ => b"GET /healthz HTTP/1.1\r\nHost: ",
        };
        stream.write_all(bytes).await.unwrap();
        crowd.push(stream);
    }
    // They stay, and others get in well before the idle time is over.
    for _ in 0..5 {
        let mut stream = connect(&siege.api).await;
        let ask = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(ask).await.unwrap();
        let answer = read_to_end(&mut stream, Duration::from_secs(30)).await;
        assert_eq!(status(&answer.expect("it gets in")), 200);
    }
    drop(crowd);
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_keeps_its_place() {
    let siege = Siege::of(&[("serve_connections", "3")]).await;
    let job = serde_json::json!({ "kind": "bvn", "bvn": crate::support::BVN });
    let id = siege.api.submit(&siege.app, &job).await;
    let waiting = {
        let (api, app) = (siege.api.clone(), siege.app.clone());
        tokio::spawn(async move {
            api.get(&format!("/v1/verifications/{id}?wait=5s"), &app)
                .await
        })
    };
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(connect(&siege.api).await);
    }
    let answer = waiting.await.unwrap();
    assert_eq!(
        (answer.status, &answer.json()["state"]),
        (200, &"waiting".into())
    );
    drop(crowd);
    siege.assert_withstood().await;
}
