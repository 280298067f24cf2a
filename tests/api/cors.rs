//! Pages in browsers: only those of listed origins may call.

use kyc_tests::World;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName},
};

use crate::support::{Answer, Api, key};

const LIST: &str = "/v1/verifications";
const PAGE: &str = "https://app.example.com";

/// Asks as a browser does before a page's request.
async fn preflight(api: &Api, origin: &str) -> Answer {
    let request = api.request(Method::OPTIONS, LIST, "");
    let request = request
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type,idempotency-key",
        );
    Answer::of(request).await
}

fn names(headers: &HeaderMap) -> Vec<&str> {
    let names = headers.keys().map(HeaderName::as_str);
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

fn varies(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all("vary").iter();
    values.any(|value| value.to_str().unwrap().to_lowercase().contains("origin"))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_no_page_may_call() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let refused = preflight(&api, PAGE).await;
    refused.is_problem(405, "method-not-allowed");
    assert!(names(&refused.headers).is_empty(), "{refused:?}");
    let request = api.request(Method::GET, LIST, "").header("origin", PAGE);
    let answer = Answer::of(request).await;
    assert!(
        answer.status == 401 && names(&answer.headers).is_empty(),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_listed_origins_may_call_and_others_may_not() {
    let world = World::new().await;
    let listed = format!("{PAGE}, http://localhost:3000");
    let api = Api::start(&world, &[("serve_cors_origins", &listed)]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "read"]).await;
    for origin in [PAGE, "http://localhost:3000"] {
        let answer = preflight(&api, origin).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.headers["access-control-allow-origin"], origin);
        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
        let allowed = answer.headers["access-control-allow-headers"]
            .to_str()
            .unwrap();
        for name in ["authorization", "content-type", "idempotency-key"] {
            assert!(allowed.contains(name), "{allowed}");
        }
        let methods = answer.headers["access-control-allow-methods"]
            .to_str()
            .unwrap();
        assert!(
            methods.contains("POST") && methods.contains("DELETE"),
            "{methods}"
        );
        assert!(varies(&answer.headers), "{answer:?}");

        // A page reads answers and problems.
        for (key, status) in [(&*app, 200), ("", 401)] {
            let request = api.request(Method::GET, LIST, key).header("origin", origin);
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, status, "{answer:?}");
            assert_eq!(answer.headers["access-control-allow-origin"], origin);
            let exposed = answer.headers["access-control-expose-headers"]
                .to_str()
                .unwrap();
            assert!(exposed.contains("retry-after") && exposed.contains("x-request-id"));
            assert!(varies(&answer.headers), "{answer:?}");
        }
    }
    for other in [
        "https://example.com",
        "http://app.example.com",
        "https://app.example.com:444",
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "null",
        "*",
    ] {
        let refused = preflight(&api, other).await;
        refused.is_problem(405, "method-not-allowed");
        assert!(refused.headers.contains_key("allow"), "{refused:?}");
        let request = api.request(Method::GET, LIST, &app).header("origin", other);
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 200);
        for answer in [&refused, &answer] {
            assert!(names(&answer.headers).is_empty(), "{other}: {answer:?}");
            assert!(varies(&answer.headers), "{other}: {answer:?}");
        }
    }
    let plain = api.get(LIST, &app).await;
    assert!(
        names(&plain.headers).is_empty() && varies(&plain.headers),
        "{plain:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_of_the_edge_are_refused_in_words() {
    let world = World::new().await;
    for (key, value, said) in [
        ("serve_cors_origins", "*", "is no origin"),
        (
            "serve_cors_origins",
            "https://app.example.com/",
            "like https://app.example.com",
        ),
        (
            "serve_trusted_proxies",
            "10.0.0.0/8,proxy",
            "proxy is neither",
        ),
        (
            "serve_trusted_proxies",
            "10.0.0.0/33",
            "10.0.0.0/33 is neither",
        ),
        ("serve_idle", "75", "a number and a unit"),
        ("serve_connections", "0", "a whole number from 1"),
    ] {
        let mut command = world.kyc(["serve"]);
        command.env(format!("KYC_{}", key.to_uppercase()), value);
        let ran = kyc_tests::Ran::of(&mut command).await;
        assert!(
            ran.code == 1 && ran.err.contains(said) && ran.err.contains(&key.to_uppercase()),
            "{ran:?}"
        );
    }
}
