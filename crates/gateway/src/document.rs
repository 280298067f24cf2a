//! The document of the API: OpenAPI 3.1, made from the routes themselves.

mod flattened;
mod problems;

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        SecurityRequirement,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{Gateway, admin, batches, docs, events, problem::Problem, verifications};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "kyc-worker",
        version = "1",
        description = include_str!("../docs/api.md"),
        license(name = "proprietary"),
    ),
    components(schemas(Problem)),
    modifiers(&Bearer),
)]
struct Api;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("an API key: `kyc_…`, made with `kyc keys api create`"))
            .build();
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
        api.security = Some(vec![SecurityRequirement::new("api_key", [""; 0])]);
    }
}

/// Returns all routes of the API, with their descriptions.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::with_openapi(Api::openapi())
        .merge(verifications::routes())
        .merge(events::routes())
        .merge(batches::routes())
        .merge(admin::routes())
}

/// Returns the document, as `docs/openapi.json` holds it.
pub fn document() -> String {
    let (_, mut api) = routes().split_for_parts();
    problems::complete(&mut api);
    flattened::complete(&mut api);
    let text = api.to_pretty_json().unwrap_or_default();
    format!("{text}\n")
}

/// Routes that show the document, without an API key.
pub(crate) fn pages() -> Router<Gateway> {
    Router::new()
        .route("/openapi.json", get(json))
        .route("/docs", get(async || docs::answer(PAGE.clone())))
        .route("/docs/style.css", get(docs::style))
}

/// Made once, as the page is: anybody may ask for them.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().into());
static PAGE: LazyLock<Bytes> = LazyLock::new(|| docs::page(&document()).into());

async fn json() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], DOCUMENT.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// Run this test with `KYC_WRITE_OPENAPI=1` to write the document anew.
    #[test]
    fn the_committed_document_is_that_of_the_routes() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
        let now = document();
        #[expect(
            clippy::disallowed_methods,
            reason = "an environment variable tells a developer's run from others"
        )]
        if std::env::var_os("KYC_WRITE_OPENAPI").is_some() {
            fs::write(&path, &now).expect("the document can be written");
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == now,
            "the routes have changed: run KYC_WRITE_OPENAPI=1 cargo test -p kyc-gateway, and commit docs/openapi.json"
        );
    }

    #[test]
    fn every_operation_is_described_with_its_answers() {
        let document: serde_json::Value = serde_json::from_str(&document()).expect("JSON");
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().expect("paths");
        let operations = paths
            .values()
            .flat_map(|path| path.as_object().into_iter().flatten());
        let mut ids = BTreeSet::new();
        for (method, operation) in operations {
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "two operations are called {id}");
            for text in ["summary", "description", "operationId"] {
                let text = operation[text].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{method}: {operation}");
            }
            let responses = operation["responses"].as_object().expect("responses");
            assert!(!responses.contains_key("default"), "{operation}");
            for status in ["401", "403", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{status}: {operation}");
            }
            for (status, response) in responses {
                let problem = &response["content"]["application/problem+json"];
                assert_eq!(
                    status.starts_with(['4', '5']),
                    problem.is_object(),
                    "{operation}"
                );
                assert!(
                    response["description"]
                        .as_str()
                        .is_some_and(|text| !text.is_empty())
                );
            }
        }
        assert!(ids.len() > 20, "{ids:?}");
    }
}
