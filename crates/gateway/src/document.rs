//! The document of the API: OpenAPI 3.1, made from the routes themselves.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        SecurityRequirement,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{Gateway, events, verifications};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "kyc-worker",
        version = "1",
        description = include_str!("../docs/api.md"),
        license(name = "proprietary"),
    ),
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
}

/// Returns the document, as `docs/openapi.json` holds it.
pub fn document() -> String {
    let (_, api) = routes().split_for_parts();
    let text = api.to_pretty_json().unwrap_or_default();
    format!("{text}\n")
}

/// Routes that show the document, without an API key.
pub(crate) fn pages() -> Router<Gateway> {
    Router::new().route("/openapi.json", get(json))
}

async fn json() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], document()).into_response()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

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
        let mut count = 0;
        for (method, operation) in operations {
            count += 1;
            for text in ["summary", "description", "operationId"] {
                let text = operation[text].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{method}: {operation}");
            }
            let responses = operation["responses"].as_object().expect("responses");
            assert!(
                responses.contains_key("default") && responses.len() > 1,
                "{operation}"
            );
        }
        assert_eq!(count, 8);
    }
}
