//! A large file: in bounded memory, sent again after the server was killed amid it.

use std::{fmt::Write as _, io, time::Duration};

use futures::{StreamExt, stream};
use kyc_tests::{Usage, World};
use redis::AsyncCommands as _;
use reqwest::{Body, Method};
use serde_json::Value;

use crate::support::{Answer, Api, key};

const ROWS: usize = 50_000;
/// Row 100 and every hundredth after it is broken.
const BROKEN: usize = 100;

/// The file: line 2 is row 1.
fn file() -> String {
    let mut file = "bvn,first_name,last_name,date_of_birth,reference\r\n".to_owned();
    for row in 1..=ROWS {
        let number = if row % BROKEN == 0 {
            "2.22E+10".to_owned()
        } else {
            number(row)
        };
        write!(file, "{number},Ada,Okafor,1986-01-20,loan-{row}\r\n").unwrap();
    }
    file
}

fn number(row: usize) -> String {
    format!("222{row:08}")
}

fn send(api: &Api, key: &str, body: Body) -> reqwest::RequestBuilder {
    let request = api.request(Method::POST, "/v1/batches?name=large.csv", key);
    let request = request.header("content-type", "text/csv");
    request.header("idempotency-key", "large").body(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_sent_again_after_the_server_was_killed() {
    let world = World::new().await;
    let acme = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    // The server that is killed gets half of the file, and never its end.
    let mut first = Api::start(&world, &[]).await;
    let file = file();
    let half = file.as_bytes()[..file.len() / 2].to_vec();
    let pieces: Vec<io::Result<Vec<u8>>> = half
        .chunks(8 << 10)
        .map(|piece| Ok(piece.to_vec()))
        .collect();
    let pieces = stream::iter(pieces).chain(stream::pending());
    let sending = send(&first, &acme, Body::wrap_stream(pieces)).send();
    let sending = tokio::spawn(sending);
    let mut redis = world.redis().await;
    let inbox = "{kyc}:inbox:acme";
    let before = loop {
        let there: usize = redis.xlen(inbox).await.unwrap();
        if there > ROWS / 10 {
            break there;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    first.server.kill9().await;
    assert!(sending.await.unwrap().is_err(), "no answer came");
    let submitted: usize = redis.xlen(inbox).await.unwrap();
    assert!((before..ROWS).contains(&submitted), "{submitted}");

    let api = Api::start(&world, &[]).await;
    let idle = Usage::peak_memory_mib(api.server.pid());
    let answer = Answer::of(send(&api, &acme, Body::from(file))).await;
    let report = answer.json();
    let refused = ROWS / BROKEN;
    assert_eq!(report["rows"], ROWS, "{}", answer.status);
    assert_eq!(report["refused"], refused);
    assert_eq!(
        report["existing"], submitted,
        "rows that were there are not submitted again"
    );
    assert_eq!(report["submitted"], ROWS - refused - submitted);
    let there: usize = redis.xlen(inbox).await.unwrap();
    assert_eq!(there, ROWS - refused, "each row is there once");
    assert_eq!(report["errors"].as_array().unwrap().len(), refused);

    let id = report["id"].as_str().unwrap();
    let batch = api.get(&format!("/v1/batches/{id}"), &acme).await.json();
    assert_eq!(
        (batch["waiting"].as_u64(), batch["refused"].as_u64()),
        (Some(there as u64), Some(refused as u64))
    );
    let results = api
        .get(&format!("/v1/batches/{id}/results.ndjson"), &acme)
        .await
        .text;
    let mut ids = std::collections::HashSet::new();
    for (nth, line) in results.lines().enumerate() {
        let (row, result) = (nth + 1, serde_json::from_str::<Value>(line).unwrap());
        assert_eq!(result["line"], row + 1);
        if row % BROKEN == 0 {
            assert_eq!(result["state"], "refused");
            continue;
        }
        assert_eq!(result["reference"], format!("loan-{row}"));
        let masked = format!("********{}", &number(row)[8..]);
        assert_eq!(
            (&result["number"], &result["state"]),
            (&masked.into(), &"waiting".into()),
            "{row}"
        );
        assert!(
            ids.insert(result["verification"].to_string()),
            "a verification is that of two rows"
        );
    }
    assert_eq!(ids.len(), there);
    let table = api
        .get(&format!("/v1/batches/{id}/results.csv"), &acme)
        .await
        .text;
    assert_eq!(table.lines().count(), ROWS + 1);
    let above = Usage::peak_memory_mib(api.server.pid()) - idle;
    assert!(above < 150.0, "{above} MiB above an idle server");
    println!("{above:.0} MiB above an idle server of {idle:.0} MiB");
}
