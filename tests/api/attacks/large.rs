//! Requests that are too large.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, time::timeout};

use super::{
    frames,
    raw::{connect, exchange, read_to_end, status},
    siege::Siege,
};

const GIB: usize = 1 << 30;
/// Far less than a body of a GiB: what the kernel holds, and what the server still reads when it has answered.
const MOST_SENT: usize = 96 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large() {
    let siege = Siege::of(&[]).await;
    let with = |more: &str| format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
    let many: String = (0..10_000).map(|n| format!("X-{n}: a\r\n")).collect();
    let a_hundred: String = (0..100).map(|n| format!("X-{n}: a\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(1 << 20));
    for head in [&many, &a_hundred, &long] {
        let answer = exchange(&siege.api, with(head).as_bytes()).await;
        assert_eq!(status(&answer), 431, "{answer}");
    }
    for (length, expected) in [(100_000, &[414, 431][..]), (70_000, &[414, 431])] {
        let path = format!(
            "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a".repeat(length)
        );
        let answer = exchange(&siege.api, path.as_bytes()).await;
        assert!(expected.contains(&status(&answer)), "{answer}");
    }
    // In HTTP/2 such a request, or its connection, is refused.
    let mut stream = connect(&siege.api).await;
    let fields = frames::fields("GET", "/healthz", &[("x-long", &"a".repeat(16_000))]);
    let ask = frames::frame(frames::HEADERS, 5, 1, &fields);
    stream
        .write_all(&[frames::opening(), ask].concat())
        .await
        .unwrap();
    read_to_end(&mut stream, Duration::from_secs(1)).await;
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large() {
    let siege = Siege::of(&[]).await;
    let begin = |length: &str| {
        format!(
            "POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n{length}\r\n\r\n",
            siege.app
        )
    };
    let piece = vec![b' '; 64 << 10];
    let chunk = [b"10000\r\n".as_slice(), &piece, b"\r\n"].concat();
    let announced = begin(&format!("Content-Length: {GIB}"));
    for (head, piece) in [
        (&announced, &piece),
        (&begin("Transfer-Encoding: chunked"), &chunk),
    ] {
        let (sent, answer) = pour(&siege, head, piece).await;
        assert!(sent < MOST_SENT, "{sent} bytes were taken");
        assert_eq!(status(&answer), 413, "{answer}");
        assert!(answer.contains("urn:kyc:problem:too-large"), "{answer}");
    }
    // A client that asks first need not send anything, nor does one that announced too much.
    for head in [
        &announced,
        &begin(&format!("Content-Length: {GIB}\r\nExpect: 100-continue")),
    ] {
        let answer = exchange(&siege.api, head.as_bytes()).await;
        assert_eq!(status(&answer), 413, "{answer}");
    }
    // Whoever has no key gets nothing read.
    let (sent, answer) = pour(&siege, &announced.replace("Bearer kyc_", "Bearer "), &piece).await;
    assert!(
        sent < MOST_SENT && status(&answer) == 401,
        "{sent} {answer}"
    );
    siege.assert_withstood().await;
}

/// Sends a GiB in pieces while the server takes them. Returns how much it took, and its answer.
async fn pour(siege: &Siege, head: &str, piece: &[u8]) -> (usize, String) {
    let mut stream = connect(&siege.api).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut sent = 0;
    while sent < GIB {
        let write = timeout(Duration::from_secs(5), stream.write_all(piece)).await;
        if !matches!(write, Ok(Ok(()))) {
            break;
        }
        sent += piece.len();
    }
    let answer = read_to_end(&mut stream, Duration::from_secs(30)).await;
    (sent, answer.expect("the server closes the connection"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_grows_when_it_is_unpacked() {
    let siege = Siege::of(&[]).await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        std::io::Write::write_all(&mut packed, &vec![b' '; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    for encoding in ["gzip", "br", "gzip, gzip", "identity"] {
        let request = siege
            .api
            .request(reqwest::Method::POST, "/v1/verifications", &siege.app);
        let request = request
            .header("content-type", "application/json")
            .header("content-encoding", encoding)
            .body(packed.clone());
        let answer = crate::support::Answer::of(request).await;
        answer.is_problem(415, "unsupported-media-type");
    }
    siege.assert_withstood().await;
}
