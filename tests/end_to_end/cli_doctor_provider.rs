//! The findings of `kyc doctor` about the provider, for raw answers at its address.

use std::sync::{Arc, Mutex};

use kyc_tests::{TOKEN, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that answers every request with the same bytes and records the requests.
struct Raw {
    url: String,
    answer: Arc<Mutex<Vec<u8>>>,
    asked: Arc<Mutex<String>>,
}

impl Raw {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let raw = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            answer: Arc::default(),
            asked: Arc::default(),
        };
        let (answer, asked) = (Arc::clone(&raw.answer), Arc::clone(&raw.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else {
                        break;
                    };
                    head.push(byte);
                }
                *asked.lock().unwrap() = String::from_utf8_lossy(&head).into_owned();
                let bytes = answer.lock().unwrap().clone();
                let _ = stream.write_all(&bytes).await;
            }
        });
        raw
    }

    fn set(&self, head: &str, body: &str) {
        let length = body.len();
        *self.answer.lock().unwrap() = format!(
            "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_answer_of_the_api_is_a_good_finding() {
    const JSON: &str = "404 Not Found\r\nContent-Type: application/json";
    const REFUSED: &str = r#"{"status":"error","message":"Unauthenticated","data":null}"#;
    let raw = Raw::start().await;
    let mut world = World::without_sandbox(&raw.url);
    for (head, body, said) in [
        ("401 Unauthorized", REFUSED, ""),
        (
            "400 Bad Request",
            r#"{"status":"error","message":"Invalid BVN"}"#,
            "",
        ),
        (
            "404 Not Found",
            r#"{"status":"error","message":"Record not found"}"#,
            "",
        ),
        (
            "200 OK",
            r#"{"status":"success","message":null,"data":null}"#,
            "",
        ),
        (JSON, r#"{"message":""}"#, "JSON without the API's status"),
        (
            JSON,
            r#"{"message":"The route identity/bvn/advanced/000 could not be found."}"#,
            "JSON without the API's status",
        ),
        (
            JSON,
            r#"{"message":"no Route matched with those values"}"#,
            "JSON",
        ),
        (
            "404 Not Found",
            "404 page not found\n",
            "text that is not JSON",
        ),
        ("404 Not Found", "", "nothing but a status"),
        (
            "200 OK\r\nContent-Type: text/html",
            "<h1>Scheduled maintenance</h1>",
            "a page",
        ),
        (
            "403 Forbidden",
            "<!DOCTYPE html><title>Just a moment...</title>",
            "a page",
        ),
        (
            "301 Moved Permanently\r\nLocation: https://example.com/",
            "",
            "a redirect",
        ),
    ] {
        raw.set(head, body);
        let ran = world.run(["doctor", "--quiet"]).await;
        if said.is_empty() {
            assert_eq!((ran.code, &*ran.out), (0, ""), "{head} {body}: {ran:?}");
            continue;
        }
        assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
        for part in [
            "something other than the API answers: check KYC_RADIUS_URL",
            said,
        ] {
            assert!(ran.out.contains(part), "{part} is missing in: {}", ran.out);
        }
        assert!(!ran.out.contains("127.0.0.1"), "{}", ran.out);
    }
    // The base path is kept, and requests without a token are not billed.
    raw.set("401 Unauthorized", REFUSED);
    world.set("radius_url", &format!("{}/services/v1/", raw.url));
    world.run(["doctor", "--quiet"]).await.good();
    let asked = raw.asked.lock().unwrap().to_lowercase();
    assert!(asked.starts_with("get /services/v1/identity/"), "{asked}");
    assert!(
        !asked.contains("api-token") && !asked.contains(TOKEN),
        "{asked}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_base_path_of_a_sandbox_is_reported() {
    let mut world = World::new().await;
    let url = world.setting("radius_url").to_owned();
    world.set("radius_url", &format!("{url}/services/v1"));
    let ran = world.run(["doctor", "--quiet"]).await;
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.out.contains("check KYC_RADIUS_URL"), "{ran:?}");
    world.set("radius_url", &url);
    assert_eq!(world.run(["doctor", "--quiet"]).await.good(), "");
}
