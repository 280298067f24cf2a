//! `GET /v1/batches`: the batches of a tenant, the newest first.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{find::reader, params::Start, view::Summary};
use crate::{Gateway, caller::Caller, extract::Params, problem::Problem};

/// Batches of a page.
const AT_MOST: usize = 50;

/// A page of batches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchPage)]
pub(crate) struct Page {
    /// The batches, the newest first, at most 50.
    batches: Vec<Summary>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// Lists batches
///
/// Those of the last 30 days, the newest first.
#[utoipa::path(
    get, path = "/v1/batches", operation_id = "list_batches", tag = "batches", params(Start),
    responses(
        (status = 200, description = "a page", body = Page),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(start): Params<Start>,
) -> Result<Json<Page>, Problem> {
    let after = start.after()?;
    let batches = gateway
        .queue()
        .batches(reader(&caller)?, after, AT_MOST)
        .await?;
    let last = batches.last().filter(|_| batches.len() == AT_MOST);
    Ok(Json(Page {
        next: last.map(|batch| batch.id.to_string()),
        batches: batches.into_iter().map(Summary::of).collect(),
    }))
}
