//! Peers that take their time.

use std::time::Duration;

use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout},
};

use super::{
    frames,
    raw::{connect, read_to_end, status, trickle},
    siege::Siege,
};

/// More than a head, a handshake or a first request may take.
const HEAD: std::ops::Range<u64> = 8..25;

#[tokio::test(flavor = "multi_thread")]
async fn a_head_must_arrive_within_its_time() {
    let siege = Siege::of(&[]).await;
    let api = &siege.api;
    let trickled = async |before: &[u8], bytes: &[u8]| {
        let mut stream = connect(api).await;
        stream.write_all(before).await.unwrap();
        trickle(&mut stream, bytes).await
    };
    let head =
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let (first, in_headers, later, nothing, half) = tokio::join!(
        trickled(b"", head),
        trickled(
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n",
            b"X-Slow: a\r\n"
        ),
        // The second request of a connection.
        trickled(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", head),
        silent(api, b""),
        // The beginning of HTTP/2.
        silent(api, b"PRI * HTTP/2.0\r\n"),
    );
    for (seconds, answer) in [&first, &in_headers, &nothing, &half] {
        assert!(
            HEAD.contains(seconds) && answer.is_empty(),
            "{seconds} {answer}"
        );
    }
    assert!(
        HEAD.contains(&later.0) && status(&later.1) == 200,
        "{later:?}"
    );
    let (seconds, _) = silent(api, &frames::opening()).await;
    assert!(HEAD.contains(&seconds), "{seconds}");
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_must_arrive_within_its_time() {
    let siege = Siege::of(&[]).await;
    let begin = |length: &str| {
        format!(
            "POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n{length}\r\n\r\n",
            siege.app
        )
    };
    let slow = async |head: String, bytes: &[u8]| {
        let mut stream = connect(&siege.api).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        trickle(&mut stream, bytes).await
    };
    let (whole, chunked) = tokio::join!(
        slow(begin("Content-Length: 1000"), b" "),
        slow(begin("Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    );
    for (seconds, answer) in [whole, chunked] {
        assert!((18..40).contains(&seconds), "{seconds}");
        assert_eq!(status(&answer), 408, "{answer}");
        assert!(answer.contains("did not arrive within 20 s"), "{answer}");
    }
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_must_be_read() {
    let siege = Siege::of(&[("serve_idle", "3s")]).await;
    let one = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut unread = Vec::new();
    for _ in 0..20 {
        // More answers than the kernel holds for a peer that reads none.
        let mut stream = connect(&siege.api).await;
        let mut asked = 0;
        while asked < 2_000 {
            let write = stream.write_all(one);
            if timeout(Duration::from_millis(500), write).await.is_err() {
                break;
            }
            asked += 1;
        }
        unread.push(stream);
    }
    // In HTTP/2 the peer gives no room at all.
    for _ in 0..20 {
        let mut stream = connect(&siege.api).await;
        stream
            .write_all(&frames::opening_with_window(0))
            .await
            .unwrap();
        for number in 0..100 {
            let ask = frames::get("/openapi.json", 2 * number + 1);
            stream.write_all(&ask).await.unwrap();
        }
        unread.push(stream);
    }
    let begun = Instant::now();
    for stream in &mut unread {
        kyc_tests::eventually("the connection is closed", async || {
            let write = stream.write_all(&frames::PING_ANSWER);
            let written = timeout(Duration::from_millis(100), write).await;
            matches!(written, Ok(Err(_))).then_some(())
        })
        .await;
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{begun:?}");
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_rest_between_two_requests_but_not_for_ever() {
    let siege = Siege::of(&[("serve_idle", "12s")]).await;
    let rest = async |bytes: Vec<u8>| silent(&siege.api, &bytes).await.0;
    let (one, two) = tokio::join!(
        rest(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        rest([frames::opening(), frames::get("/healthz", 1)].concat()),
    );
    // Longer than the head of a request may take.
    assert!((11..30).contains(&one), "{one}");
    assert!((11..30).contains(&two), "{two}");
    siege.assert_withstood().await;
}

/// Sends bytes and then nothing. Returns after how many seconds the server closed the connection, and what came.
async fn silent(api: &crate::support::Api, bytes: &[u8]) -> (u64, String) {
    let mut stream = connect(api).await;
    stream.write_all(bytes).await.unwrap();
    let begun = Instant::now();
    let answer = read_to_end(&mut stream, Duration::from_secs(90)).await;
    let answer = answer.expect("the connection is closed");
    (begun.elapsed().as_secs(), answer)
}
