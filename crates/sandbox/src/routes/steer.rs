//! The paths with which a test makes trouble.

use std::sync::Arc;

use axum::{
    Router, body::Bytes, extract::State, http::StatusCode, response::Response, routing::post,
};
use serde_json::json;

use super::{World, ok};
use crate::{
    answer,
    provider::Provider,
    trouble::{Trouble, Troubles, Wrong},
};

pub(super) fn router() -> Router<Arc<Provider>> {
    Router::new().route("/__sandbox/trouble", post(trouble).delete(clear))
}

async fn trouble(State(provider): World, body: Bytes) -> Response {
    match Trouble::parse(&body) {
        Ok(trouble) => {
            provider.troubles().set(trouble);
            ok(&json!({ "status": "troubled" }))
        }
        Err(wrong) => refuse(&wrong),
    }
}

async fn clear(State(provider): World) -> Response {
    *provider.troubles() = Troubles::default();
    ok(&json!({ "status": "cleared" }))
}

fn refuse(wrong: &Wrong) -> Response {
    let told = json!({ "field": wrong.field, "problem": wrong.problem, "remedy": wrong.remedy });
    answer::json(StatusCode::BAD_REQUEST, &told)
}
