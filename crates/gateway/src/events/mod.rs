//! `GET /v1/events`: the ends of a tenant's verifications as they come.

mod start;
mod stream;
pub(crate) mod view;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Gateway, caller::Caller, extract::Params, problem::Problem};
use start::After;
use stream::{Frames, ROLES};
use view::EventView;

/// Returns the routes.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Follows the ends of verifications
///
/// Server-sent events: `verification.completed`, `verification.dead` and `verification.cancelled` as soon as a verification of the
/// tenant has ended, each with the object below in `data`. Store the `id` of an event together with what you made of it, and continue
/// after it with the header `Last-Event-ID`: no event is lost, and none comes twice. An event `gap` says that events after that id
/// were deleted before you read them. The server sends a comment or a new `id` every 15 s, and ends the stream when it stops: connect
/// again.
#[utoipa::path(
    get, path = "/v1/events", tag = "events",
    params(After, ("Last-Event-ID" = Option<String>, Header, description = "the `id` of the last event that was dealt with; it goes before `after`")),
    responses(
        (status = 200, description = "events, until the server or the client ends the stream", body = EventView, content_type = "text/event-stream"),
    ),
)]
async fn events(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(after): Params<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = caller.tenant(&ROLES)?;
    let start = after.start(&headers)?;
    let place = caller.stream()?;
    let reader = gateway
        .feed()
        .follow(gateway.queue(), tenant, start)
        .await?;
    let frames = Frames::new(gateway, caller.clone(), reader, place, start);
    let mut response = Body::from_stream(frames.into_stream()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    // Proxies that know it pass each event on at once.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}
