//! `GET /v1/batches/{id}`: how far a batch is.

use axum::{Json, extract::State};

use super::{
    find::{find, reader},
    view::View,
};
use crate::{Gateway, caller::Caller, extract::Segment, problem::Problem};

/// Shows a batch
///
/// Its rows counted by what became of them, and when the last would be done. The counts are of this moment, or of a short time before: a
/// second, and for a large batch some seconds.
#[utoipa::path(
    get, path = "/v1/batches/{id}", operation_id = "show_batch", tag = "batches",
    params(("id" = String, Path, description = "the id of the batch")),
    responses(
        (status = 200, description = "the batch", body = View),
    ),
)]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<View>, Problem> {
    let batch = find(&gateway, reader(&caller)?, &id).await?;
    let counts = gateway.counted().of(gateway.queue(), &batch).await?;
    Ok(Json(View::of(batch, &counts)))
}
