//! `POST /v1/batches/{id}/cancel`: calls off what has not ended.

use axum::{Json, extract::State};
use futures::{StreamExt, TryStreamExt};
use kyc_domain::VerificationId;
use kyc_queue::{Queue, Role, RowOf, RowState};

use super::{find::find, view::View};
use crate::{Gateway, caller::Caller, extract::Segment, problem::Problem};

/// Rows that are read together.
const AT_ONCE: u64 = 500;
/// Jobs that are cancelled at once.
const IN_FLIGHT: usize = 32;

/// Cancels a batch
///
/// Cancels all its rows that have not ended, and takes no more. Calls that are under way are not stopped and may be billed, but their answers
/// are refused. A large batch takes some seconds; if the request breaks off, send it again.
#[utoipa::path(
    post, path = "/v1/batches/{id}/cancel", operation_id = "cancel_batch", tag = "batches",
    params(("id" = String, Path, description = "the id of the batch")),
    responses(
        (status = 200, description = "it is cancelled", body = View),
    ),
)]
pub(crate) async fn cancel(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<View>, Problem> {
    let tenant = caller.tenant(&[Role::Submit])?;
    let queue = gateway.queue();
    let batch = find(&gateway, tenant, &id).await?;
    queue.close_batch(batch.id).await?;
    // Rows that came before that are all there now.
    let batch = find(&gateway, tenant, &id).await?;
    let mut from = 1;
    while from <= batch.rows {
        let rows = queue
            .batch_rows(&batch, from, AT_ONCE.min(batch.rows - from + 1))
            .await?;
        let waiting = rows.into_iter().filter_map(|row| match row.of {
            RowOf::Job(job) if job.state == RowState::Waiting => Some(job.id),
            _ => None,
        });
        let waiting: Vec<VerificationId> = waiting.collect();
        let cancelling = waiting.into_iter().map(|id| cancel_one(queue.clone(), id));
        let cancelling = futures::stream::iter(cancelling).buffer_unordered(IN_FLIGHT);
        cancelling.try_collect::<()>().await?;
        from += AT_ONCE;
    }
    gateway.counted().forget(batch.id);
    let counts = gateway.counted().of(queue, &batch).await?;
    Ok(Json(View::of(batch, &counts)))
}

async fn cancel_one(queue: Queue, id: VerificationId) -> Result<(), kyc_queue::Error> {
    // A worker may accept it between the two.
    if !queue.withdraw(id).await? {
        queue.cancel(id).await?;
    }
    Ok(())
}
