//! `POST /v1/admin/verifications/{action}`: one thing done to many verifications, after they were counted.

use std::time::Duration;

use axum::{Json, extract::State};
use kyc_queue::{BulkId, BulkOperation, BulkState, Role};

use super::{
    bulk_request::{Request, about},
    bulk_steps::{self, Token},
    bulk_view::View,
};
use crate::{
    Gateway,
    caller::Caller,
    extract::{Params, Segment},
    operations::{Action, CANCEL, DISCARD, REREAD, RETRY},
    problem::{Kind, Problem},
    verifications::wait::time_of_wait,
};

/// How long a request works unless it says otherwise.
const WORKS: Duration = Duration::from_secs(5);

/// Does one thing to many verifications
///
/// Without `token`, counts those that match, and returns how many there are of each kind and code, some of their ids, and a token.
/// While the answer is `counting`, the same request with `count` goes on. The same request with `token` does it, to those that were
/// counted and to no others: those that have moved since are skipped. It works for a few seconds; while the answer is `running`, the
/// same request goes on, also after an error. Once it is `done`, it answers with the outcome, and does nothing more. A token belongs to
/// the API key and to the request that it was made for, and expires 15 minutes after counting if nobody uses it. Retrying those that
/// are held for a decision may cost money twice; discarding deletes images too and cannot be undone.
#[utoipa::path(
    post, path = "/v1/admin/verifications/{action}", tag = "admin", operation_id = "act_on_verifications",
    params(
        ("action" = String, Path, description = "`retry`, `reread`, `cancel` or `discard`", example = "retry"),
        Request,
    ),
    responses(
        (status = 200, description = "what was counted, or what was done so far", body = View),
        (status = 409, description = "`urn:kyc:problem:token-refused`: the token does not allow this"),
    ),
)]
pub(crate) async fn act(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(name): Segment,
    Params(request): Params<Request>,
) -> Result<Json<View>, Problem> {
    let key = caller.operator(Role::Operate)?;
    let action = action(&name)?;
    let filter = request.filter(action)?;
    let works = request.wait.as_deref().map_or(Ok(WORKS), time_of_wait)?;
    let about = about(action, &filter);
    let queue = gateway.queue();
    let Some(token) = &request.token else {
        let operation = match &request.count {
            None => queue.begin_bulk(&about, key).await?,
            Some(id) => {
                let operation = find(&gateway, id).await?;
                let operation = operation.filter(|known| known.by == key);
                let operation = operation.ok_or_else(no_operation)?;
                is_for(&operation, &about)?;
                operation
            }
        };
        if operation.state != BulkState::Counting {
            return Ok(Json(View::of(operation, None)));
        }
        let (operation, token) = bulk_steps::count(&gateway, operation, filter, works).await?;
        return Ok(Json(View::of(operation, token)));
    };
    let token = Token::parse(token).ok_or_else(no_token)?;
    let operation = queue.bulk(token.operation()).await?;
    // Whoever has another key learns nothing of the token.
    let operation = operation.filter(|known| known.by == key && token.is_of(known));
    let operation = operation.ok_or_else(no_token)?;
    is_for(&operation, &about)?;
    let operation = bulk_steps::act(&gateway, operation, action, filter.place, works).await?;
    Ok(Json(View::of(operation, None)))
}

/// Shows an operation
///
/// What was counted, and what was done so far. It is kept for a day after its last step.
#[utoipa::path(
    get, path = "/v1/admin/operations/{id}", tag = "admin", operation_id = "show_operation",
    params(("id" = String, Path, description = "the `id` of the operation")),
    responses(
        (status = 200, description = "the operation", body = View),
    ),
)]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<View>, Problem> {
    caller.operator(Role::Operate)?;
    let operation = find(&gateway, &id).await?.ok_or_else(no_operation)?;
    Ok(Json(View::of(operation, None)))
}

fn action(name: &str) -> Result<&'static Action, Problem> {
    const ACTIONS: [&Action; 4] = [&RETRY, &REREAD, &CANCEL, &DISCARD];
    let known = ACTIONS.into_iter().find(|action| action.name == name);
    known.ok_or_else(|| {
        Problem::new(
            Kind::NOT_FOUND,
            "there is no such action",
            "use retry, reread, cancel or discard",
        )
    })
}

async fn find(gateway: &Gateway, id: &str) -> Result<Option<BulkOperation>, Problem> {
    let Ok(id) = id.parse::<BulkId>() else {
        return Ok(None);
    };
    Ok(gateway.queue().bulk(id).await?)
}

fn is_for(operation: &BulkOperation, about: &str) -> Result<(), Problem> {
    if operation.about == about {
        return Ok(());
    }
    Err(Problem::new(
        Kind::TOKEN_REFUSED,
        "it was made for another action, or for other filters",
        "send the action and the filters that were counted, or count again without it",
    ))
}

fn no_token() -> Problem {
    Problem::new(
        Kind::TOKEN_REFUSED,
        "the token has expired, belongs to another API key, or is none",
        "count again: send the request without it",
    )
}

fn no_operation() -> Problem {
    Problem::new(
        Kind::NOT_FOUND,
        "there is no operation with this id, or it has expired",
        "use the id of an answer, or count again",
    )
}
