//! How the client reports a failed connection or body; and that it neither retries nor reads without a limit.

use std::io::Write;

use radius_api::{Client, ClientConfig, Error, Reply, Request, Sent};
use tokio::net::TcpListener;

use crate::server::{Server, Then, config, exchange, hasty, http};
use crate::silence::NUMBER;

const BODY: &[u8] = include_bytes!("../data/bvn.json");

fn bvn() -> Request {
    Request::bvn(NUMBER).unwrap()
}

async fn send(config: ClientConfig) -> Result<Reply, Error> {
    Client::new(config).unwrap().send(&bvn()).await
}

/// Returns the error's code, whether the call was sent, and whether it may be billed.
fn fault(result: Result<Reply, Error>) -> (&'static str, Sent, bool) {
    let error = result.unwrap_err();
    (error.code(), error.sent(), error.may_be_billed())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 5, 20);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    out
}

/// Encodes `body` in chunks of 1000 bytes, without the final, empty one.
fn chunks(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {head}\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(1000) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn ended(mut chunks: Vec<u8>) -> Vec<u8> {
    chunks.extend_from_slice(b"0\r\n\r\n");
    chunks
}

#[tokio::test]
async fn nothing_is_sent_without_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        fault(send(config(&closed)).await),
        ("connect", Sent::NotSent, false)
    );

    let (_, sent, billed) = fault(send(hasty("http://radius.invalid")).await);
    assert_eq!((sent, billed), (Sent::NotSent, false));

    // A server without TLS, and one that never answers the TLS handshake. The certificate makes the client work on a system
    // without any.
    let plain = Server::start(Then::Stall(Vec::new())).await;
    let mut secure = hasty(&plain.address.replace("http:", "https:"));
    secure.extra_roots = vec![include_bytes!("../data/root.pem").to_vec()];
    assert_eq!(
        fault(send(secure).await),
        ("timeout_connect", Sent::NotSent, false)
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut secure = config(&format!("https://{}", listener.local_addr().unwrap()));
    secure.extra_roots = vec![include_bytes!("../data/root.pem").to_vec()];
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        stream
            .try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    assert_eq!(fault(send(secure).await), ("connect", Sent::NotSent, false));
}

#[tokio::test]
async fn without_an_answer_a_call_may_be_billed_and_is_not_repeated() {
    let rows = [
        (Then::Stall(Vec::new()), "timeout_after_send"),
        (
            Then::Stall(b"HTTP/1.1 200 OK\r\n".to_vec()),
            "timeout_after_send",
        ),
        (Then::Send(Vec::new()), "cut_after_send"),
        (
            Then::Send(b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
            "cut_after_send",
        ),
        (
            Then::Send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
            "cut_after_send",
        ),
    ];
    for (then, code) in rows {
        let server = Server::start(then.clone()).await;
        assert_eq!(
            fault(send(then.config(&server.address)).await),
            (code, Sent::Unknown, true)
        );
        assert_eq!(
            (server.heard().len(), server.connections()),
            (1, 1),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_kept_connection_that_breaks_is_not_retried() {
    let server = Server::start(Then::Once(http("200 OK", BODY))).await;
    let client = Client::new(config(&server.address)).unwrap();
    client.send(&bvn()).await.unwrap();
    let second = fault(client.send(&bvn()).await);
    assert_eq!(second, ("cut_after_send", Sent::Unknown, true));
    assert_eq!((server.heard().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn a_body_that_is_lost_may_be_billed() {
    let cut = |bytes: &[u8], keep: usize| bytes[..keep].to_vec();
    let zipped = http("200 OK\r\nContent-Encoding: gzip", &gzip(BODY));
    let not_gzip = http("200 OK\r\nContent-Encoding: gzip", BODY);
    let not_brotli = http("200 OK\r\nContent-Encoding: br", BODY);
    let whole = http("200 OK", BODY);
    let bad_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n";
    let rows = [
        (Then::Send(cut(&whole, whole.len() - 1)), "cut_in_body"),
        (
            Then::Send(cut(&whole, whole.len() - BODY.len())),
            "cut_in_body",
        ),
        (Then::Send(chunks("200 OK", BODY)), "cut_in_body"),
        (Then::Send(cut(&zipped, zipped.len() - 20)), "cut_in_body"),
        (Then::Stall(cut(&whole, 200)), "timeout_in_body"),
        (Then::Send(not_gzip), "undecodable"),
        (Then::Send(not_brotli), "undecodable"),
        (Then::Send(bad_chunk.to_vec()), "undecodable"),
    ];
    for (row, (then, code)) in rows.into_iter().enumerate() {
        let server = Server::start(then.clone()).await;
        let result = send(then.config(&server.address)).await;
        let status = result.as_ref().unwrap_err().status();
        assert_eq!(
            (fault(result), status),
            ((code, Sent::Answered, true), Some(200)),
            "row {row}"
        );
    }
}

#[tokio::test]
async fn every_coding_is_undone() {
    let large = [BODY, &b" ".repeat(150_000)].concat();
    for body in [BODY, &large] {
        let rows = [
            http("200 OK", body),
            ended(chunks("200 OK", body)),
            http("200 OK\r\nContent-Encoding: gzip", &gzip(body)),
            ended(chunks("200 OK\r\nContent-Encoding: gzip", &gzip(body))),
            http("200 OK\r\nContent-Encoding: br", &brotli(body)),
            // Like the provider's recorded answer by phone.
            ended(chunks("200 OK\r\nContent-Encoding: br", &brotli(body))),
            [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", body].concat(),
        ];
        for (row, bytes) in rows.into_iter().enumerate() {
            let reply = exchange(Then::Send(bytes)).await.unwrap();
            assert!(reply.body == body, "row {row}");
        }
    }
}

#[tokio::test]
async fn no_body_grows_beyond_the_cap() {
    let limit = 8 << 20;
    let zeros = vec![b' '; limit + 1];
    let stated = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", limit + 1).into_bytes();
    let rows = [
        // Refused because of its header: no byte of the body is sent.
        Then::Stall(stated),
        Then::Stall(ended(chunks("200 OK", &zeros))),
        Then::Stall(http("200 OK\r\nContent-Encoding: gzip", &gzip(&zeros))),
        Then::Stall(http("200 OK\r\nContent-Encoding: br", &brotli(&zeros))),
    ];
    for then in rows {
        let error = exchange(then).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::TooLarge {
                    status: 200,
                    limit: 8388608
                }
            ),
            "{error}"
        );
        assert!(error.may_be_billed());
    }
    let full = exchange(Then::Send(http(
        "200 OK\r\nContent-Encoding: gzip",
        &gzip(&zeros[1..]),
    )))
    .await;
    assert_eq!(full.unwrap().body.len(), limit);
}
