//! A server that is told to stop: it answers the requests under way, and takes no new ones.

use std::time::{Duration, Instant};

use kyc_tests::{World, eventually};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    attacks::raw::{connect, read_to_end},
    support::{Answer, Api, BVN, key},
};

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_are_answered_and_nothing_else_delays_the_end() {
    let world = World::new().await;
    let mut api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let job = json!({ "kind": "bvn", "bvn": BVN });
    let id = api.submit(&app, &job).await;
    // No worker runs: this waits until the server stops.
    let path = format!("/v1/verifications/{id}?wait=60s");
    let waiting = tokio::spawn(Answer::of(api.request(reqwest::Method::GET, &path, &app)));
    // A body that is on its way.
    let body = job.to_string();
    let head = format!(
        "POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {app}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut posting = connect(&api).await;
    posting.write_all(head.as_bytes()).await.unwrap();
    // Connections without a request: silent, in the middle of a head, and answered before.
    let mut idle = Vec::new();
    for bytes in [
        "",
        "GET /healthz HTTP/1.1\r\nHost: ",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PRI * HTTP",
    ] {
        let mut stream = connect(&api).await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        idle.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!waiting.is_finished());

    let told = Instant::now();
    api.server.signal("TERM").await;
    let answer = waiting.await.unwrap();
    assert_eq!(
        (answer.status, &answer.json()["state"]),
        (200, &json!("waiting"))
    );
    let (_, address) = api.address.split_once("://").unwrap();
    eventually("new connections are refused", async || {
        TcpStream::connect(address).await.is_err().then_some(())
    })
    .await;
    for stream in &mut idle {
        let ended = read_to_end(stream, Duration::from_secs(15)).await;
        assert!(ended.is_some(), "an idle connection is still open");
    }
    assert!(api.server.over().is_none(), "a request is still under way");
    posting.write_all(body.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut posting, Duration::from_secs(15)).await;
    let answer = answer.expect("the connection ends");
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert_eq!(api.server.ended().await, 0);
    // Far less than the grace period.
    assert!(told.elapsed() < Duration::from_secs(20), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_longer_than_the_grace_period_is_cut() {
    let world = World::new().await;
    let mut api = Api::start(&world, &[("grace", "2s")]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit"]).await;
    let mut posting = connect(&api).await;
    let head = format!(
        "POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {app}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"
    );
    posting.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    api.server.signal("TERM").await;
    assert_eq!(api.server.ended().await, 0);
    let log = api.server.log();
    assert!(log.contains("longer than the grace period"), "{log}");
}
