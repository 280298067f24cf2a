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

use crate::{Gateway, verifications};

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
    OpenApiRouter::with_openapi(Api::openapi()).merge(verifications::routes())
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
