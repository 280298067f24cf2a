//! `GET /v1/verifications/{id}`: one verification, at once or when it has ended.

use axum::{Json, extract::State};
use kyc_queue::Role;

use super::{
    find::id,
    view::View,
    wait::{self, Wait},
};
use crate::{
    Gateway,
    caller::Caller,
    extract::{Params, Segment},
    problem::Problem,
};

/// Shows a verification
///
/// With `wait`, answers as soon as it has ended, or with its present state when the time is over or the server stops.
#[utoipa::path(
    get, path = "/v1/verifications/{id}", tag = "verifications",
    params(("id" = String, Path, description = "the id of the verification"), Wait),
    responses(
        (status = 200, description = "the verification", body = View),
    ),
)]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(text): Segment,
    Params(wait): Params<Wait>,
) -> Result<Json<View>, Problem> {
    let tenant = caller.tenant(&[Role::Read, Role::Reveal])?;
    let time = wait.time()?;
    let view = wait::ended(&gateway, tenant, id(&text)?, time, caller.reveals()).await?;
    Ok(Json(view))
}
