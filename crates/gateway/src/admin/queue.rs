//! `GET /v1/admin/queue`: the numbers of the queue.

use axum::{Json, extract::State};
use kyc_queue::{Role, Totals};

use super::{params::Since, queue_view::View};
use crate::{Gateway, caller::Caller, extract::Params, problem::Problem};

/// Dead jobs of which the codes are counted.
const DEAD: usize = 1000;

/// Shows the queue
///
/// How many jobs wait, of which kind and why, when they will have been sent, how many run and ended, and how old the oldest are.
#[utoipa::path(
    get, path = "/v1/admin/queue", tag = "admin", operation_id = "show_queue", params(Since),
    responses(
        (status = 200, description = "the numbers of the queue", body = View),
    ),
)]
pub(crate) async fn queue(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(since): Params<Since>,
) -> Result<Json<View>, Problem> {
    caller.operator(Role::Operate)?;
    let minutes = since.minutes()?;
    let (kinds, queue): (Vec<&str>, _) = (kyc_kinds::names().collect(), gateway.queue());
    let gauges = queue.gauges(&kinds).await?;
    let dead = queue.dead_by_code(DEAD).await?;
    let happened = Totals::of(&queue.minutes(minutes).await?);
    Ok(Json(View::of(gauges, dead, minutes, happened)))
}
