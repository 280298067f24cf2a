//! No `Debug` or `Display` shows a number, a name, the token or an address.

use std::error::Error as _;
use std::fmt::Debug;

use radius_api::{Answer, Client, Error, Reading, Request, bvn, read};

use crate::server::{Server, TOKEN, Then, config, exchange, http};

/// The number of the person in the tests of errors.
pub(crate) const NUMBER: &str = "22212345678";

fn assert_silent(text: &str) {
    for secret in [
        NUMBER,
        TOKEN,
        "http://127",
        "identity/",
        "Adaeze",
        "Peopxxxxxx",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn assert_debug_silent(value: &impl Debug) {
    assert_silent(&format!("{value:?} {value:#?}"));
}

/// Checks everything that a log line could show of an error: its `Display`, its `Debug`, and those of its sources.
fn assert_error_silent(error: &Error) {
    assert_silent(&error.to_string());
    assert_debug_silent(&error);
    let mut cause = error.source();
    while let Some(source) = cause {
        assert_silent(&format!("{source} {source:?}"));
        cause = source.source();
    }
}

#[tokio::test]
async fn faults_of_a_call_are_silent() {
    let message = format!(r#"{{"status":"error","message":"Adaeze {NUMBER} {TOKEN}"}}"#);
    let large = http("200 OK", &[b' '; 100]);
    let html = format!("<html>{NUMBER} Adaeze</html>");
    let location = format!("302 Found\r\nLocation: http://127.0.0.1:1/identity/{NUMBER}");
    let rows = [
        Then::Stall(Vec::new()),
        Then::Send(Vec::new()),
        Then::Send(NUMBER.as_bytes().to_vec()),
        Then::Send(large[..large.len() - 1].to_vec()),
        Then::Stall(large[..large.len() - 1].to_vec()),
        Then::Send(http("200 OK\r\nContent-Encoding: gzip", html.as_bytes())),
        Then::Send(http("200 OK", &vec![b' '; 2000])),
        Then::Send(http(&location, b"")),
        Then::Send(http("400 Bad Request", message.as_bytes())),
    ];
    let mut codes = Vec::new();
    for then in rows {
        let server = Server::start(then.clone()).await;
        let mut config = then.config(&server.address);
        config.max_body = 1000;
        let client = Client::new(config).unwrap();
        let error = client
            .send(&Request::bvn(NUMBER).unwrap())
            .await
            .unwrap_err();
        assert_error_silent(&error);
        codes.push(error.code());
    }
    let closed = Client::new(config("http://127.0.0.1:1")).unwrap();
    let error = closed
        .send(&Request::bvn(NUMBER).unwrap())
        .await
        .unwrap_err();
    assert_error_silent(&error);
    codes.push(error.code());
    let expected = [
        "timeout_after_send",
        "cut_after_send",
        "cut_after_send",
        "cut_in_body",
        "timeout_in_body",
        "undecodable",
        "too_large",
        "redirect",
        "status",
        "connect",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn faults_of_reading_are_silent() {
    let rows = [
        format!("<html>{NUMBER} Adaeze</html>"),
        format!(r#"{{"status":"success","data":"Adaeze {NUMBER}"}}"#),
        format!(r#"{{"status":"success","data":{{"data":{{"Adaeze":"{NUMBER}"}}}}}}"#),
        format!(
            r#"{{"status":"success","data":{{"data":{{"profile":{{"title":["{NUMBER}","{NUMBER}"]}}}}}}}}"#
        ),
        format!(r#"{{"status":{{"Adaeze":{NUMBER}}}}}"#),
        format!(r#"{{"status":"Adaeze","message":"{NUMBER}"}}"#),
        format!(r#"{{"status":"success","message":"Adaeze {NUMBER}"#),
    ];
    for body in rows {
        let error =
            read::<bvn::Data>(body.as_bytes(), &Reading::default()).and_then(Answer::into_found);
        assert_error_silent(&error.unwrap_err());
    }
    for text in ["", ".."] {
        assert_error_silent(&Request::passport(text, "Adaeze", "Adaeze", NUMBER).unwrap_err());
    }
}

#[tokio::test]
async fn values_are_silent() {
    let requests = [
        Request::bvn(NUMBER),
        Request::nin(NUMBER),
        Request::nin_phone(NUMBER),
        Request::cac(NUMBER, "Peopxxxxxx"),
        Request::drivers_license(NUMBER),
        Request::passport(NUMBER, "Adaeze", "Adaeze", NUMBER),
    ];
    for request in requests {
        assert_debug_silent(&request.unwrap());
    }
    let config = config("http://127.0.0.1:1");
    assert_debug_silent(&config);
    assert_debug_silent(&Client::new(config).unwrap());

    let body = format!(
        r#"{{"status":"success","data":{{"type":"response","data":{{"profile":{{"first_name":"Adaeze",
        "x":"{NUMBER}"}},"identity":{{"bvn":"{NUMBER}"}},"y":"{NUMBER}"}}}},"message":"Adaeze"}}"#
    );
    let reply = exchange(Then::Send(http("200 OK", body.as_bytes())))
        .await
        .unwrap();
    assert_debug_silent(&reply);
    let answer = reply.read::<bvn::Data>(&Reading::default()).unwrap();
    assert_debug_silent(&answer);
    let record = answer.into_found().unwrap().unwrap();
    assert_eq!(record.data.identity.bvn.as_deref(), Some(NUMBER));
    assert_debug_silent(&record);
    assert_debug_silent(&record.data);
    assert_debug_silent(&record.data.profile);
}
