//! The paths with which a test makes trouble, and reads when calls came.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use crate::{
    answer::{self, ok},
    kind::Kind,
    provider::{Provider, SharedProvider},
    trouble::{Trouble, Troubles, Wrong},
};

pub(super) fn router() -> Router<Arc<Provider>> {
    Router::new()
        .route("/__sandbox/trouble", post(trouble).delete(clear))
        .route("/__sandbox/arrivals", get(arrivals))
}

async fn trouble(State(provider): SharedProvider, body: Bytes) -> Response {
    match Trouble::parse(&body) {
        Ok(trouble) => {
            provider.troubles().set(trouble);
            ok(&json!({ "status": "troubled" }))
        }
        Err(wrong) => refuse(&wrong),
    }
}

async fn clear(State(provider): SharedProvider) -> Response {
    *provider.troubles() = Troubles::default();
    ok(&json!({ "status": "cleared" }))
}

async fn arrivals(
    State(provider): SharedProvider,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(kind) = query.get("kind").and_then(|name| Kind::named(name)) else {
        let remedy = format!("name one of: {}", Kind::names());
        return refuse(&Wrong::new("kind", "is missing or not known", remedy));
    };
    // Written outside the lock: calls must not wait for it.
    let arrivals = provider.ledger().arrivals(kind);
    let at_ms: Vec<f64> = arrivals.into_iter().map(milliseconds).collect();
    ok(&json!({ "kind": kind.name(), "at_ms": at_ms }))
}

/// With microseconds as the fraction, and nothing beyond.
fn milliseconds(at: Duration) -> f64 {
    at.as_micros() as f64 / 1_000.0
}

fn refuse(wrong: &Wrong) -> Response {
    let told = json!({ "field": wrong.field, "problem": wrong.problem, "remedy": wrong.remedy });
    answer::json(StatusCode::BAD_REQUEST, &told)
}
