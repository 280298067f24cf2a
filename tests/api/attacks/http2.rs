//! Floods of frames in HTTP/2.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, time::timeout};

use super::{
    frames::{
        CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, RST_STREAM, SETTINGS, fields,
        frame, get, opening,
    },
    raw::{connect, read_to_end},
    siege::Siege,
};
use crate::support::Api;

/// Connections of each attack.
const CONNECTIONS: usize = 4;

/// Sends the frames on several connections at once, as fast as the server takes them, until it closes the connection. A server
/// that does not read on, or has read all of them, has withstood them as well.
async fn flood(api: &Api, frames: impl Fn(u32) -> Vec<u8>) {
    let attack = async || {
        let mut stream = connect(api).await;
        stream.write_all(&opening()).await.unwrap();
        for round in 0..200 {
            let batch: Vec<u8> = (0..500).flat_map(|n| frames(round * 500 + n)).collect();
            let written = timeout(Duration::from_secs(5), stream.write_all(&batch)).await;
            if !matches!(written, Ok(Ok(()))) {
                break;
            }
        }
        // What it answers is read last, so that it cannot write meanwhile.
        read_to_end(&mut stream, Duration::from_secs(1)).await;
    };
    let attacks = (0..CONNECTIONS).map(|_| attack());
    let mut attacks: Vec<_> = attacks.map(Box::pin).collect();
    for attack in &mut attacks {
        attack.await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rapid_resets() {
    let siege = Siege::of(&[]).await;
    flood(&siege.api, |n| {
        let reset = frame(RST_STREAM, 0, 2 * n + 1, &[0, 0, 0, 8]);
        [get("/v1/verifications", 2 * n + 1), reset].concat()
    })
    .await;
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_an_end() {
    let siege = Siege::of(&[]).await;
    flood(&siege.api, |n| match n {
        0 => frame(HEADERS, 0, 1, &fields("GET", "/", &[])),
        n => {
            let name = format!("x-{n}");
            let more = fields("GET", "/", &[(&name, &"a".repeat(1_000))]);
            frame(CONTINUATION, 0, 1, &more)
        }
    })
    .await;
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_and_settings() {
    let siege = Siege::of(&[]).await;
    flood(&siege.api, |_| frame(PING, 0, 0, &[1; 8])).await;
    flood(&siege.api, |_| {
        frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0xff, 0xff])
    })
    .await;
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_a_key_and_bodies_without_an_end() {
    let siege = Siege::of(&[]).await;
    flood(&siege.api, |n| {
        let post = fields(
            "POST",
            "/v1/verifications",
            &[("content-type", "application/json")],
        );
        let begin = frame(HEADERS, END_HEADERS, 2 * n + 1, &post);
        [begin, frame(DATA, 0, 2 * n + 1, &[b' '; 1_000])].concat()
    })
    .await;
    flood(&siege.api, |n| {
        let post = fields("POST", "/v1/verifications", &[]);
        let begin = frame(HEADERS, END_HEADERS, 2 * n + 1, &post);
        [
            begin,
            frame(DATA, 0, 2 * n + 1, &[]),
            frame(DATA, END_STREAM, 2 * n + 1, &[]),
        ]
        .concat()
    })
    .await;
    siege.assert_withstood().await;
}
