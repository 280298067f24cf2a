//! What the client makes of an answer that is not a good one.

use std::time::Duration;

use radius_api::{Client, Error, Request, RetryAfter, Sent};

use crate::server::{Server, Then, exchange, http};

const BODY: &[u8] = include_bytes!("../data/bvn.json");

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(Then::Serve(http("200 OK", BODY))).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!(
            "{status} Moved\r\nLocation: {}/identity/bvn/advanced/1",
            other.address
        );
        let error = exchange(Then::Send(http(&head, b""))).await.unwrap_err();
        assert!(matches!(error, Error::Redirect { .. }), "{error}");
        assert_eq!(
            (error.status(), error.may_be_billed()),
            (Some(status), false)
        );
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_bad_status_keeps_its_message() {
    let says = r#"{"status":"error","data":null,"message":"No match for 22212345678"}"#;
    for (status, billed) in [
        (400, false),
        (401, false),
        (402, false),
        (403, false),
        (404, false),
        (422, false),
        (500, false),
        (502, true),
        (503, false),
        (504, true),
        (520, true),
        (524, true),
    ] {
        let bytes = http(&format!("{status} Whatever"), says.as_bytes());
        let error = exchange(Then::Send(bytes)).await.unwrap_err();
        assert!(matches!(
            error,
            Error::Status {
                retry_after: None,
                ..
            }
        ));
        assert_eq!(error.status(), Some(status));
        assert_eq!(
            error.message().unwrap().as_str(),
            "No match for ***********"
        );
        assert_eq!(
            (error.sent(), error.may_be_billed()),
            (Sent::Answered, billed)
        );
    }
}

#[tokio::test]
async fn a_bad_status_needs_no_readable_body() {
    let large = [br#"{"message":"#, &b" ".repeat(70_000)[..], br#""No"}"#].concat();
    let whole = http("404 Not Found", b"<html>nothing here</html>");
    let rows = [
        Then::Send(whole.clone()),
        Then::Send(whole[..whole.len() - 3].to_vec()),
        Then::Stall(whole[..whole.len() - 3].to_vec()),
        Then::Send(http("404 Not Found", b"")),
        Then::Send(http(
            "404 Not Found",
            br#"{"status":"error","message":" "}"#,
        )),
        Then::Send(http("404 Not Found", &large)),
    ];
    for then in rows {
        let server = Server::start(then.clone()).await;
        let client = Client::new(then.config(&server.address)).unwrap();
        let error = client.send(&Request::bvn("1").unwrap()).await.unwrap_err();
        let Error::Status {
            status: 404,
            retry_after: None,
            sandbox: false,
            message: None,
            page,
        } = error
        else {
            panic!("{error}");
        };
        let (Then::Send(bytes) | Then::Stall(bytes)) = &then else {
            unreachable!("these answer");
        };
        let body = bytes.windows(6).any(|bytes| bytes == b"<html>");
        // What stops on its way is not read to its end.
        assert!(body || !page);
    }
}

#[tokio::test]
async fn retry_after_is_read() {
    let date = httpdate::parse_http_date("Sun, 06 Nov 2044 08:49:37 GMT").unwrap();
    let rows = [
        (
            "Retry-After: 2",
            Some(RetryAfter::Delay(Duration::from_secs(2))),
        ),
        (
            "retry-after: Sun, 06 Nov 2044 08:49:37 GMT",
            Some(RetryAfter::At(date)),
        ),
        ("Retry-After: soon", None),
        ("X: y", None),
    ];
    for (header, expected) in rows {
        for status in ["429 Too Many Requests", "503 Service Unavailable"] {
            let bytes = http(&format!("{status}\r\n{header}"), b"{}");
            let error = exchange(Then::Send(bytes)).await.unwrap_err();
            assert_eq!(error.retry_after(), expected, "{header}");
        }
        let reply = exchange(Then::Send(http(&format!("200 OK\r\n{header}"), BODY)))
            .await
            .unwrap();
        assert_eq!(reply.retry_after, expected);
    }
}
