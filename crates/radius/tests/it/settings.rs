//! The client's settings and their effect.

use std::time::Duration;

use radius_api::{Client, ClientConfig, Error, Request};

use crate::server::{Server, TOKEN, Then, config, exchange, http};

const BODY: &[u8] = include_bytes!("../data/bvn.json");

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = Server::start(Then::Serve(http("200 OK", BODY))).await;
    for base in ["", "/", "/services/v1", "/services/v1/", "/a%20b//"] {
        let client = Client::new(config(&format!("{}{base}", server.address))).unwrap();
        client
            .send(&Request::cac("RC/1", "A & B").unwrap())
            .await
            .unwrap();
        let line = format!(
            "GET {}/identity/cac/RC%2F1?company_name=A+%26+B HTTP/1.1\r\n",
            base.trim_end_matches('/'),
        );
        let heard = server.heard();
        assert!(heard.last().unwrap().starts_with(&line), "{heard:?}");
    }
}

#[tokio::test]
async fn headers_are_ours() {
    let server = Server::start(Then::Serve(http("200 OK", BODY))).await;
    let mut config = config(&server.address);
    config.user_agent = "kyc/1".to_owned();
    let client = Client::new(config).unwrap();
    client.send(&Request::nin("1").unwrap()).await.unwrap();
    let heard = server.heard().remove(0);
    let mut lines: Vec<&str> = heard.trim_end().lines().skip(1).collect();
    lines.sort_unstable();
    let token = format!("api-token: {TOKEN}");
    let host = format!("host: {}", server.address.replace("http://", ""));
    let expected = [
        "accept-encoding: gzip,br",
        "accept: application/json",
        &token,
        &host,
        "user-agent: kyc/1",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn connections_are_kept() {
    let server = Server::start(Then::Serve(http("200 OK", BODY))).await;
    let client = Client::new(config(&server.address)).unwrap();
    for _ in 0..5 {
        client.send(&Request::bvn("1").unwrap()).await.unwrap();
    }
    assert_eq!((server.heard().len(), server.connections()), (5, 1));
}

#[tokio::test]
async fn a_sandbox_is_seen() {
    for (header, expected) in [
        ("X-Sandbox: 1", true),
        ("X-Sandbox: 0", false),
        ("X: 1", false),
    ] {
        let reply = exchange(Then::Send(http(&format!("200 OK\r\n{header}"), BODY)))
            .await
            .unwrap();
        assert_eq!(reply.sandbox, expected, "{header}");
    }
}

#[tokio::test]
async fn any_status_of_success_is_a_reply() {
    for (head, body) in [("201 Created", BODY), ("204 No Content", &b""[..])] {
        let bytes = match body {
            b"" => format!("HTTP/1.1 {head}\r\n\r\n").into_bytes(),
            body => http(head, body),
        };
        let reply = exchange(Then::Send(bytes)).await.unwrap();
        assert_eq!(
            (format!("{} ", reply.status), reply.body),
            (head[..4].to_owned(), body.into())
        );
    }
}

#[test]
fn sending_can_be_spawned() {
    fn is_send<T: Send>(_: T) {}
    let client = Client::new(config("http://localhost")).unwrap();
    is_send(client.send(&Request::bvn("1").unwrap()));
}

fn pem(base64: &str) -> Vec<u8> {
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n").into_bytes()
}

/// A change to a valid configuration, and the reason for which the client then refuses it.
type Row = (fn(&mut ClientConfig), &'static str);

#[test]
fn bad_settings_are_refused() {
    let rows: [Row; 16] = [
        (|c| c.base_url = String::new(), "base_url is not a URL"),
        (
            |c| c.base_url = "radius.example/v1".into(),
            "base_url is not a URL",
        ),
        (
            |c| c.base_url = "ftp://radius.example".into(),
            "base_url must start with https:// or http://",
        ),
        (
            |c| c.base_url = "http://u:secret@h".into(),
            "base_url must hold no credentials",
        ),
        (
            |c| c.base_url = "http://secret@h".into(),
            "base_url must hold no credentials",
        ),
        (
            |c| c.base_url = "http://h/?secret".into(),
            "base_url must hold neither query nor fragment",
        ),
        (
            |c| c.base_url = "http://h/#secret".into(),
            "base_url must hold neither query nor fragment",
        ),
        (|c| c.api_token = String::new().into(), "api_token is empty"),
        (
            |c| c.api_token = "secret\n".to_owned().into(),
            "api_token starts or ends with white space",
        ),
        (
            |c| c.api_token = "sec\nret".to_owned().into(),
            "api_token holds a character that no header can carry",
        ),
        (
            |c| c.user_agent = "a\r\nb".into(),
            "user_agent holds a character that no header can carry",
        ),
        (
            |c| c.extra_roots = vec![b"secret".to_vec()],
            "extra_roots holds no certificate",
        ),
        (|c| c.extra_roots = vec![pem("!")], "extra_roots is not PEM"),
        (
            |c| {
                c.base_url = "https://h".into();
                c.extra_roots = vec![pem("AAAA")];
            },
            "TLS cannot be set up",
        ),
        (
            |c| c.connect_timeout = Duration::ZERO,
            "connect_timeout is zero",
        ),
        (
            |c| c.timeout = c.connect_timeout,
            "timeout must be longer than connect_timeout",
        ),
    ];
    for (change, reason) in rows {
        let mut config = config("http://radius.example/v1");
        change(&mut config);
        let error = Client::new(config).unwrap_err();
        assert!(
            matches!(&error, Error::Config { what, .. } if *what == reason),
            "{error}"
        );
        assert!(
            !format!("{error} {error:?}").contains("secret"),
            "{error:?}"
        );
    }
}

#[test]
fn defaults_are_as_documented() {
    let config = ClientConfig::new("https://radius.example", TOKEN.to_owned().into());
    assert_eq!(config.connect_timeout, Duration::from_secs(5));
    assert_eq!(config.timeout, Duration::from_secs(30));
    assert_eq!(config.max_body, 8 * 1024 * 1024);
    assert_eq!(
        (config.pool_max_idle, config.pool_idle_timeout),
        (32, Duration::from_secs(4))
    );
    assert!(config.extra_roots.is_empty());
}
