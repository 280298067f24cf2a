//! How the client reports answers without a success status.

use std::time::Duration;

use radius_api::{Body, Client, Error, ProviderText, Request, RetryAfter, Sent};

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
            body,
        } = error
        else {
            panic!("{error}");
        };
        let (Then::Send(bytes) | Then::Stall(bytes)) = &then else {
            unreachable!("these answer");
        };
        // Only a body that holds HTML counts as a page.
        assert!(bytes.windows(6).any(|bytes| bytes == b"<html>") || body != Body::Page);
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

#[tokio::test]
async fn a_refusal_tells_what_its_body_is() {
    let html = "404 Not Found\r\nContent-Type: text/html; charset=utf-8";
    let rows: &[(&str, &[u8], Body, Option<&str>)] = &[
        (
            "404 Not Found",
            br#"{"status":"error","message":"No record"}"#,
            Body::Envelope,
            Some("No record"),
        ),
        (
            "404 Not Found",
            br#"{"status":"error","data":null}"#,
            Body::Envelope,
            None,
        ),
        (
            "404 Not Found",
            br#"{"status":404,"message":"No record","data":null}"#,
            Body::Envelope,
            Some("No record"),
        ),
        (
            "404 Not Found",
            br#"{"status":"404","data":[]}"#,
            Body::Envelope,
            None,
        ),
        (
            "400 Bad Request",
            br#"{"status":false,"detail":"Insufficient wallet balance"}"#,
            Body::Envelope,
            Some("Insufficient wallet balance"),
        ),
        (
            "404 Not Found",
            b"\xEF\xBB\xBF{\"status\":\"error\",\"message\":\"No\"}",
            Body::Envelope,
            Some("No"),
        ),
        ("404 Not Found", br#"{"message":""}"#, Body::Json, None),
        (
            "404 Not Found",
            br#"{"message":"The route identity could not be found."}"#,
            Body::Json,
            Some("The route identity could not be found."),
        ),
        (
            "404 Not Found",
            br#"{"message":"no Route matched with those values"}"#,
            Body::Json,
            Some("no Route matched with those values"),
        ),
        (
            "404 Not Found",
            br#"{"status":404,"error":"Not Found","path":"/x"}"#,
            Body::Json,
            Some("Not Found"),
        ),
        (
            "404 Not Found",
            br#"{"status":"404","message":"Not Found"}"#,
            Body::Json,
            Some("Not Found"),
        ),
        (
            "404 Not Found",
            br#"{"statusCode":404,"message":"Cannot GET /x"}"#,
            Body::Json,
            Some("Cannot GET /x"),
        ),
        (
            "404 Not Found",
            br#"{"type":"about:blank","title":"Not Found","status":404}"#,
            Body::Json,
            Some("Not Found"),
        ),
        (
            "404 Not Found",
            br#"{"status":null,"message":"No"}"#,
            Body::Json,
            Some("No"),
        ),
        (
            "404 Not Found",
            br#"{"status":" ","message":"No"}"#,
            Body::Json,
            Some("No"),
        ),
        (
            "404 Not Found",
            br#"["status","message"]"#,
            Body::Json,
            None,
        ),
        (
            "400 Bad Request",
            br#"{"error":"Insufficient balance"}"#,
            Body::Json,
            Some("Insufficient balance"),
        ),
        (
            "400 Bad Request",
            br#"{"errors":[{"message":"Low balance"}]}"#,
            Body::Json,
            Some("Low balance"),
        ),
        (
            "400 Bad Request",
            br#"{"message":{"en":"Low balance"}}"#,
            Body::Json,
            Some("Low balance"),
        ),
        ("404 Not Found", b"404 page not found\n", Body::Text, None),
        ("404 Not Found", b"default backend - 404", Body::Text, None),
        ("404 Not Found", b"", Body::Empty, None),
        ("404 Not Found", b"null", Body::Empty, None),
        ("400 Bad Request", b"<html><h1>400</h1>", Body::Page, None),
        (html, b"not even a tag", Body::Page, None),
        (
            html,
            br#"{"status":"error","message":"No record"}"#,
            Body::Envelope,
            Some("No record"),
        ),
    ];
    for (head, bytes, is, says) in rows {
        let error = exchange(Then::Send(http(head, bytes))).await.unwrap_err();
        let Error::Status { body, message, .. } = error else {
            panic!("{error}");
        };
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(
            (body, message.as_ref().map(ProviderText::as_str)),
            (*is, *says),
            "{text}"
        );
    }
}
