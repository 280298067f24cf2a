//! The page for people: whole, and made of nothing from elsewhere.

use kyc_tests::World;
use serde_json::Value;

use crate::support::Api;

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_on_the_page_and_nothing_comes_from_elsewhere() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let document: Value = api.get("/openapi.json", "").await.json();
    let page = api.get("/docs", "").await;
    assert_eq!(
        (page.status, &page.headers["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );

    let text = page.text.replace("&quot;", "\"").replace("&#39;", "'");
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            count += 1;
            let id = operation["operationId"].as_str().unwrap();
            let start = text
                .find(&format!("id=\"operation-{id}\""))
                .unwrap_or_else(|| panic!("{id}"));
            let section = &text[start..start + text[start..].find("</section>").unwrap()];
            assert!(section.contains(&format!("<code>{path}</code>")), "{id}");
            assert!(
                section.contains(&method.to_uppercase()) && section.contains("curl"),
                "{id}"
            );
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(
                    section.contains(&format!("<code>{name}</code>")),
                    "{id}: {name}"
                );
            }
            for status in operation["responses"].as_object().unwrap().keys() {
                assert!(
                    section.contains(&format!("<strong>{status}</strong>")),
                    "{id}: {status}"
                );
            }
        }
    }
    assert!(count >= 7, "{count}");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(text.contains(&format!("id=\"schema-{name}\"")), "{name}");
        for field in schema["properties"].as_object().into_iter().flatten() {
            assert!(
                text.contains(&format!("<code>{}</code>", field.0)),
                "{name}: {}",
                field.0
            );
        }
    }

    // What a browser would load, or run.
    for (attribute, allowed) in [
        ("src=", &[][..]),
        ("href=", &["/docs/style.css", "/openapi.json"]),
    ] {
        for rest in page.text.split(attribute).skip(1) {
            let value = rest.trim_start_matches('"').split('"').next().unwrap();
            assert!(
                value.starts_with('#') || allowed.contains(&value),
                "{attribute}{value}"
            );
        }
    }
    for inline in [
        "<script",
        "<style",
        " style=",
        " onclick=",
        "javascript:",
        "<iframe",
    ] {
        assert!(!page.text.contains(inline), "{inline}");
    }
    let style = api.get("/docs/style.css", "").await;
    assert_eq!(
        (style.status, &style.headers["content-type"]),
        (200, &"text/css; charset=utf-8".parse().unwrap())
    );
    assert!(
        !style.text.contains("url(") && !style.text.contains("@import"),
        "{}",
        style.text
    );
}
