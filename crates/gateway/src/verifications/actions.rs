//! Cancelling, retrying and deleting a verification.

use axum::{Json, extract::State, http::StatusCode};
use kyc_queue::{Cancelled, Role, State as JobState, Submitted};

use super::{
    find::{Found, find, id},
    view::View,
};
use crate::{
    Gateway,
    caller::Caller,
    extract::Segment,
    problem::{Kind, Problem},
};

/// Cancels a verification
///
/// A call that is under way is not stopped and may be billed, but its answer is refused. Cancelling what was cancelled changes nothing.
#[utoipa::path(
    post, path = "/v1/verifications/{id}/cancel", tag = "verifications",
    params(("id" = String, Path, description = "the id of the verification")),
    responses(
        (status = 200, description = "it is cancelled", body = View),
        (status = 409, description = "`urn:kyc:problem:wrong-state`: the verification is not in a state that allows this"),
    ),
)]
pub(crate) async fn cancel(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(text): Segment,
) -> Result<Json<View>, Problem> {
    let tenant = caller.tenant(&[Role::Submit])?;
    let id = id(&text)?;
    let queue = gateway.queue();
    let mut known = find(&gateway, tenant, id).await?;
    if matches!(known, Found::Submitted(_)) {
        // A worker may accept it meanwhile.
        queue.withdraw(id).await?;
        known = find(&gateway, tenant, id).await?;
    }
    match known {
        Found::Accepted(known) => match queue.cancel(known.id).await? {
            Cancelled::Done | Cancelled::Ended(JobState::Cancelled) => {}
            Cancelled::Ended(state) => return Err(ended(state.as_str())),
            Cancelled::Unknown => return Err(Problem::no_verification()),
        },
        Found::Submitted(known) if matches!(known.state, Submitted::Refused(_)) => {
            return Err(ended("refused"));
        }
        Found::Submitted(_) => {}
    }
    let view = find(&gateway, tenant, id).await?.view(caller.reveals());
    Ok(Json(view))
}

/// Retries a verification
///
/// A dead one starts again with all its attempts, one that waits for a time starts now, and one that is held for a decision calls
/// the provider again, which can cost money.
#[utoipa::path(
    post, path = "/v1/verifications/{id}/retry", tag = "verifications",
    params(("id" = String, Path, description = "the id of the verification")),
    responses(
        (status = 200, description = "it is retried", body = View),
        (status = 409, description = "`urn:kyc:problem:wrong-state`: the verification is not in a state that allows this"),
    ),
)]
pub(crate) async fn retry(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(text): Segment,
) -> Result<Json<View>, Problem> {
    let tenant = caller.tenant(&[Role::Submit])?;
    let id = id(&text)?;
    let Found::Accepted(known) = find(&gateway, tenant, id).await? else {
        return Err(Problem::new(
            Kind::WRONG_STATE,
            "no worker has accepted it",
            "submit the job again, if it was refused or cancelled",
        ));
    };
    if gateway.queue().retry(&[known.id]).await? == 0 {
        return Err(Problem::new(
            Kind::WRONG_STATE,
            format!(
                "it is {}, and not dead, scheduled or held for a decision",
                known.state.as_str()
            ),
            "submit a new job to verify the person again",
        ));
    }
    let view = find(&gateway, tenant, id).await?.view(caller.reveals());
    Ok(Json(view))
}

/// Deletes a verification
///
/// Deletes one that has ended, with its images and its entry in the results. This cannot be undone.
#[utoipa::path(
    delete, path = "/v1/verifications/{id}", tag = "verifications",
    params(("id" = String, Path, description = "the id of the verification")),
    responses(
        (status = 204, description = "it is deleted"),
        (status = 409, description = "`urn:kyc:problem:wrong-state`: the verification is not in a state that allows this"),
    ),
)]
pub(crate) async fn delete(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(text): Segment,
) -> Result<StatusCode, Problem> {
    let tenant = caller.tenant(&[Role::Submit])?;
    let id = id(&text)?;
    let known = match find(&gateway, tenant, id).await? {
        Found::Accepted(known) => known,
        Found::Submitted(_) => return Err(not_ended("waiting")),
    };
    if !known.state.is_final() {
        return Err(not_ended(known.state.as_str()));
    }
    // The images first: a job whose images cannot be deleted stays.
    let deleted = gateway
        .blobs()
        .delete_all(tenant, &known.id.to_string())
        .await;
    deleted.map_err(|error| {
        tracing::warn!(%error, "Could not delete the images of a verification");
        Problem {
            detail: "the images cannot be deleted at the moment, so nothing was deleted".into(),
            ..Problem::unavailable()
        }
    })?;
    gateway.queue().discard(&[known.id]).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn ended(state: &str) -> Problem {
    Problem::new(
        Kind::WRONG_STATE,
        format!("it has ended already: it is {state}"),
        "nothing is left to cancel",
    )
}

fn not_ended(state: &str) -> Problem {
    Problem::new(
        Kind::WRONG_STATE,
        format!("it has not ended: it is {state}"),
        "cancel it first, or wait for its end",
    )
}
