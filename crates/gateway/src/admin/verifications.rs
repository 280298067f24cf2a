//! `GET /v1/admin/verifications`: verifications of all tenants, page by page, without personal data.

use axum::{Json, extract::State};
use kyc_queue::Role;

use super::params::Which;
use crate::{
    Gateway,
    caller::Caller,
    extract::Params,
    problem::Problem,
    verifications::{
        list::{Page, page},
        which::{limit, places, start},
    },
};

/// Lists verifications of all tenants
///
/// As for a tenant, with more filters. Numbers are masked, and what came out is not shown.
#[utoipa::path(
    get, path = "/v1/admin/verifications", tag = "admin", params(Which), operation_id = "list_all_verifications",
    responses(
        (status = 200, description = "a page", body = Page),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page>, Problem> {
    caller.operator(Role::Operate)?;
    let filters = which.filters()?;
    let places = places(which.state.as_deref())?;
    let start = start(which.cursor.as_deref(), &places)?;
    let limit = limit(which.limit.as_deref())?;
    page(&gateway, filters, &places, start, limit)
        .await
        .map(Json)
}
