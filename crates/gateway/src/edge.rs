//! What surrounds every route: request ids, security headers, answers for what is not there, and health.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::FutureExt;
use kyc_domain::VerificationId;
use serde_json::json;

use crate::{
    Gateway,
    client::Client,
    problem::{Kind, Problem},
    server::Peer,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes.
pub(crate) fn around(routes: Router<Gateway>, gateway: Gateway) -> Router {
    routes
        .fallback(nothing)
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn_with_state(gateway.clone(), outermost))
        .with_state(gateway)
}

/// Routes that say whether the server lives and can reach the queue.
pub(crate) fn health() -> Router<Gateway> {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "alive": true }))))
        .route("/readyz", get(readyz))
}

async fn readyz(State(gateway): State<Gateway>) -> Response {
    if gateway.is_ready().await {
        Json(json!({ "ready": true })).into_response()
    } else {
        Problem::unavailable().into_response()
    }
}

async fn nothing() -> Problem {
    Problem::new(
        Kind::NOT_FOUND,
        "there is no such address",
        "see the addresses at /openapi.json",
    )
}

async fn other_method() -> Problem {
    Problem::new(
        Kind::METHOD_NOT_ALLOWED,
        "this address does not take this method",
        "see the methods in the header Allow, or at /openapi.json",
    )
}

/// Gives a request its id, logs it without its query, and completes the answer.
async fn outermost(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let peer = request.extensions().get::<Peer>().copied();
    let client = peer.map(|Peer(peer)| gateway.proxies().client(peer, request.headers()));
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }
    let id = request_id(&request);
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    // A panic of ours answers this request with an error, and ends nothing else. The panic hook has logged it.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response =
        answer.unwrap_or_else(|_| Problem::internal("our code failed").into_response());
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.request_id = Some(id.as_str().into());
        let kept = response.headers().clone();
        response = problem.into_response();
        for (name, value) in &kept {
            if name != header::CONTENT_LENGTH {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    tracing::info!(
        request.id = id,
        %method,
        path = path.as_ref().map_or("other", MatchedPath::as_str),
        client = client.map(|client: Client| tracing::field::display(client.network())),
        status = response.status().as_u16(),
        ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "Answered"
    );
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    response
}

/// Returns the id that the caller gave, if it is a harmless text, or a new one.
fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID);
    let given = given.and_then(|id| id.to_str().ok()).filter(|id| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        // Long digits could be a person's number, and the id is logged.
        let digits = id.bytes().filter(u8::is_ascii_digit).count();
        (1..=64).contains(&id.len()) && id.bytes().all(allowed) && digits < id.len().max(8) - 3
    });
    given.map_or_else(|| VerificationId::generate().to_string(), ToOwned::to_owned)
}
