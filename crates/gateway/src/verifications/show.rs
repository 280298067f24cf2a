//! `GET /v1/verifications/{id}`: one verification, at once or when it has ended.

use std::time::Duration;

use axum::{Json, extract::State};
use kyc_queue::Role;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::IntoParams;

use super::{
    find::{find, id},
    view::View,
};
use crate::{
    Gateway,
    caller::Caller,
    extract::{Params, Segment},
    problem::{Kind, Problem},
};

/// The longest wait for an end.
const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Waits for the end of the verification, at most so long: `0s` to `60s`. Without it, the answer comes at once.
    #[param(example = "30s")]
    wait: Option<String>,
}

/// Shows a verification
///
/// With `wait`, answers as soon as it has ended, or with its present state when the time is over or the server stops.
#[utoipa::path(
    get, path = "/v1/verifications/{id}", tag = "verifications",
    params(("id" = String, Path, description = "the id of the verification"), Wait),
    responses(
        (status = 200, description = "the verification", body = View),
        (status = "default", description = "a problem", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(text): Segment,
    Params(wait): Params<Wait>,
) -> Result<Json<View>, Problem> {
    let tenant = caller.tenant(&[Role::Read, Role::Reveal])?;
    let time = wait.wait.as_deref().map(seconds).transpose()?;
    let id = id(&text)?;
    let end = Instant::now() + time.unwrap_or_default();
    let waiter = gateway.endings().waiter(id);
    loop {
        let woken = waiter.woken();
        let view = find(&gateway, tenant, id).await?.view(caller.reveals());
        if view.has_ended() || Instant::now() >= end || gateway.is_stopping() {
            return Ok(Json(view));
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep_until(end) => {}
            () = gateway.stopping() => {}
        }
    }
}

/// Reads a time such as `30s`.
fn seconds(text: &str) -> Result<Duration, Problem> {
    let number = text.strip_suffix('s').unwrap_or(text);
    let time = number.parse().ok().map(Duration::from_secs);
    time.filter(|time| *time <= LONGEST).ok_or_else(|| {
        Problem::new(
            Kind::INVALID_REQUEST,
            "wait is not a time of 0s to 60s",
            "write it like wait=30s, and ask again when the verification has not ended",
        )
    })
}
