//! The paths by which a test starts troubles and reads when calls arrived.

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
    // The JSON is built after the lock is released, so that calls do not wait for it.
    let arrivals = provider.ledger().arrivals(kind);
    let at_ms: Vec<f64> = arrivals.into_iter().map(milliseconds).collect();
    ok(&json!({ "kind": kind.name(), "at_ms": at_ms }))
}

/// Returns milliseconds, rounded down to whole microseconds.
fn milliseconds(at: Duration) -> f64 {
    at.as_micros() as f64 / 1_000.0
}

fn refuse(wrong: &Wrong) -> Response {
    let body = json!({ "field": wrong.field, "problem": wrong.problem, "remedy": wrong.remedy });
    answer::json(StatusCode::BAD_REQUEST, &body)
}
