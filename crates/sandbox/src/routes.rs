//! The six paths of the provider's API and the sandbox's own paths.

mod steer;

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::{Extensions, HeaderMap, StatusCode, Version, header::ORIGIN},
    middleware::{Next, from_fn},
    response::Response,
    routing::{get, post},
};
use serde_json::json;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate as _},
};

use crate::{
    answer::{self, ok},
    case::CASES,
    config::Compression,
    fault::AsIs,
    identity::identity,
    kind::Kind,
    provider::{Call, Provider, SharedProvider},
};

/// Returns the router for all paths of a sandbox.
pub(crate) fn router(provider: Arc<Provider>) -> Router {
    let compression = provider.config().compression;
    let router = Kind::ALL
        .into_iter()
        .fold(own(), with_kind)
        .with_state(provider);
    match compression {
        Compression::Off => router,
        Compression::Auto => router.layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(may_change)),
        ),
    }
}

fn with_kind(router: Router<Arc<Provider>>, kind: Kind) -> Router<Arc<Provider>> {
    let handler = async move |State(provider): SharedProvider,
                              Path(number): Path<String>,
                              Query(query): Query<HashMap<String, String>>,
                              headers: HeaderMap| {
        let call = Call {
            number: &number,
            query: &query,
            headers: &headers,
        };
        provider.answer(kind, &call).await
    };
    router.route(kind.path(), get(handler))
}

fn own() -> Router<Arc<Provider>> {
    Router::new()
        .route(
            "/__sandbox/health",
            get(async || ok(&json!({ "status": "ok" }))),
        )
        .route("/__sandbox/stats", get(stats))
        .route("/__sandbox/reset", post(reset))
        .route("/__sandbox/identities", get(cases))
        .route("/__sandbox/identities/{kind}/{number}", get(who))
        .merge(steer::router())
        .layer(from_fn(refuse_pages))
}

/// Refuses requests that a web page in a browser makes: any page can reach a port of this machine.
async fn refuse_pages(request: Request, next: Next) -> Response {
    if request.headers().contains_key(ORIGIN) {
        let error = "A web page may not use the paths of the sandbox.";
        return answer::json(StatusCode::FORBIDDEN, &json!({ "error": error }));
    }
    next.run(request).await
}

async fn stats(State(provider): SharedProvider) -> Response {
    let stats = provider.ledger().stats();
    ok(&json!(stats))
}

async fn reset(State(provider): SharedProvider) -> Response {
    provider.forget();
    ok(&json!({ "status": "reset" }))
}

async fn cases() -> Response {
    let cases: Vec<_> = CASES
        .iter()
        .map(|case| json!({ "case": case.code, "does": case.does }))
        .collect();
    let kinds = Kind::ALL.map(Kind::name);
    ok(&json!({ "kinds": kinds, "cases": cases }))
}

async fn who(Path((kind, number)): Path<(String, String)>) -> Response {
    match identity(&kind, &number) {
        Some(identity) => ok(&identity),
        None => answer::json(
            StatusCode::NOT_FOUND,
            &json!({ "error": "There is no such kind." }),
        ),
    }
}

fn may_change(_: StatusCode, _: Version, _: &HeaderMap, marks: &Extensions) -> bool {
    marks.get::<AsIs>().is_none()
}
