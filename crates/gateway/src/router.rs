//! All routes, with what surrounds them.

use axum::{Router, middleware};

use crate::{Gateway, caller, document, edge};

/// Returns all routes of an API.
pub fn router(gateway: &Gateway) -> Router {
    let (api, _) = document::routes().split_for_parts();
    let authenticate = middleware::from_fn_with_state(gateway.clone(), caller::authenticate);
    let api = api.layer(authenticate);
    let open = document::pages().merge(edge::health());
    let routes = edge::around(api.merge(open), gateway.clone());
    gateway.origins().around(routes)
}
