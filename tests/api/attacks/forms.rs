//! Requests in odd forms: paths that mean something else to others, and bodies with two lengths.

use super::{
    raw::{exchange, status},
    siege::Siege,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_path_is_what_it_says_or_nothing() {
    let siege = Siege::of(&[]).await;
    for (line, expected) in [
        ("GET /healthz HTTP/1.1", &[200][..]),
        ("GET http://elsewhere.example/healthz HTTP/1.1", &[200]),
        ("GET /v1/verifications HTTP/1.1", &[401]),
        ("GET /V1/verifications HTTP/1.1", &[404]),
        ("GET //v1/verifications HTTP/1.1", &[404]),
        ("GET /v1//verifications HTTP/1.1", &[404]),
        ("GET /v1/verifications/ HTTP/1.1", &[404]),
        ("GET /healthz/%2e%2e/v1/verifications HTTP/1.1", &[404]),
        ("GET /healthz/../v1/verifications HTTP/1.1", &[404]),
        ("GET /../../etc/passwd HTTP/1.1", &[404]),
        ("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1", &[404]),
        ("GET /healthz%00 HTTP/1.1", &[404]),
        ("GET /healthz%2f HTTP/1.1", &[404]),
        ("GET /%c0%ae%c0%ae/etc/passwd HTTP/1.1", &[404]),
        ("GET /%ff%fe HTTP/1.1", &[404]),
        ("GET /% HTTP/1.1", &[400, 404]),
        ("GET \\v1\\verifications HTTP/1.1", &[400, 404]),
        ("GET /\u{e9} HTTP/1.1", &[400, 404]),
        ("GET /\0 HTTP/1.1", &[400]),
        ("GET healthz HTTP/1.1", &[400, 404]),
        ("GET  /healthz HTTP/1.1", &[400]),
        ("OPTIONS * HTTP/1.1", &[404, 405]),
        ("GET * HTTP/1.1", &[400, 404]),
        ("CONNECT elsewhere.example:443 HTTP/1.1", &[404, 405]),
        ("CONNECT /v1/verifications HTTP/1.1", &[400, 404, 405]),
        ("TRACE /healthz HTTP/1.1", &[405]),
        ("get /healthz HTTP/1.1", &[404, 405]),
        ("GET /healthz HTTP/3.0", &[400, 505]),
        ("GET /healthz", &[400]),
    ] {
        let request = format!("{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = exchange(&siege.api, request.as_bytes()).await;
        assert!(expected.contains(&status(&answer)), "{line}: {answer}");
        assert!(!answer.contains("root:"), "{line}: {answer}");
    }
    siege.assert_withstood().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_hides_in_another() {
    let siege = Siege::of(&[]).await;
    // The end of the body as one length has it, and as the other has it.
    let hidden = "0\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 56\r\n",
        "Content-Length: 5, 56\r\n",
        "Content-Length: +56\r\n",
        "Content-Length: 0x38\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 56\r\n",
        "Content-Length: 56\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
        "Transfer-Encoding:\u{b}chunked\r\n",
        "X: a\nTransfer-Encoding: chunked\r\nContent-Length: 56\r\n",
        " Content-Length: 56\r\n",
    ] {
        let request = format!(
            "POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{lengths}\r\n{hidden}"
        );
        let answer = exchange(&siege.api, request.as_bytes()).await;
        let answers = answer.matches("HTTP/1.1 ").count();
        assert!(
            answers <= 1 && !answer.contains("\"openapi\""),
            "{lengths:?}: {answer}"
        );
    }
    siege.assert_withstood().await;
}
