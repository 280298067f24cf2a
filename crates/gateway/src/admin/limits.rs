//! `/v1/admin/limits`: the limits of the whole fleet, pausing and resuming.

use axum::{Json, extract::State};
use kyc_queue::{Limits, Pause, Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    fields::Fields,
    limits_view::{LimitsView, View, changes},
    scope::scope,
};
use crate::{
    Gateway,
    caller::Caller,
    extract::Segment,
    problem::{FieldError, Kind, Problem},
};

/// The limits of all scopes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LimiterList)]
pub(crate) struct List {
    /// One for each kind, and the account's last.
    limits: Vec<View>,
}

/// A pause.
#[derive(ToSchema)]
#[schema(as = Pause, example = json!({ "for": "2h", "note": "the provider maintains its servers" }))]
#[expect(dead_code, reason = "names the fields in the document of the API")]
pub(crate) struct PauseBody {
    /// For how long, such as `30s`, `15m`, `2h`, `7d`; until it is resumed if it is missing.
    r#for: Option<String>,
    /// Why, for people: at most 200 characters, without numbers of persons.
    note: Option<String>,
}

/// A scope that was resumed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resumed {
    #[serde(flatten)]
    limiter: View,
    /// Why it was closed; missing if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "paused")]
    was: Option<String>,
}

/// Shows all limits
///
/// Each kind and the account: the limits, what is used of them, and why a scope sends nothing.
#[utoipa::path(
    get, path = "/v1/admin/limits", tag = "admin", operation_id = "list_limits",
    responses(
        (status = 200, description = "all limits", body = List),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
) -> Result<Json<List>, Problem> {
    caller.operator(Role::Operate)?;
    Ok(Json(List {
        limits: views(&gateway).await?,
    }))
}

/// Sets all limits of a scope
///
/// For all workers at once. A limit that is not named is removed. A call needs the permission of its kind and of the account.
#[utoipa::path(
    put, path = "/v1/admin/limits/{scope}", tag = "admin", operation_id = "replace_limits",
    params(("scope" = String, Path, description = "a kind, or `account`", example = "bvn")),
    request_body = LimitsView,
    responses(
        (status = 200, description = "the new limits", body = View),
    ),
)]
pub(crate) async fn replace(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(name): Segment,
    fields: Fields,
) -> Result<Json<View>, Problem> {
    set(&gateway, &caller, &name, fields, false).await
}

/// Changes limits of a scope
///
/// For all workers at once. A limit that is `null` is removed, and one that is not named stays.
#[utoipa::path(
    patch, path = "/v1/admin/limits/{scope}", tag = "admin", operation_id = "change_limits",
    params(("scope" = String, Path, description = "a kind, or `account`", example = "bvn")),
    request_body = LimitsView,
    responses(
        (status = 200, description = "the new limits", body = View),
    ),
)]
pub(crate) async fn change(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(name): Segment,
    fields: Fields,
) -> Result<Json<View>, Problem> {
    set(&gateway, &caller, &name, fields, true).await
}

async fn set(
    gateway: &Gateway,
    caller: &Caller,
    name: &str,
    fields: Fields,
    stays: bool,
) -> Result<Json<View>, Problem> {
    let key = caller.operator(Role::Operate)?;
    let (scope, queue) = (scope(name)?, gateway.queue());
    let mut fields = fields.required()?;
    let changes = changes(&mut fields);
    fields.end()?;
    let known = match stays {
        true => queue.limits(scope).await?,
        false => Limits::default(),
    };
    let limits = changes
        .over(&known)
        .map_err(|error| limit_problem(&error))?;
    queue
        .set_limits(scope, &limits)
        .await
        .map_err(|error| match error {
            kyc_queue::Error::Limit(error) => limit_problem(&error),
            other => other.into(),
        })?;
    let rate = limits.rate.as_ref().map(ToString::to_string);
    tracing::info!(
        key,
        scope,
        rate,
        daily = limits.daily.as_ref().map(|daily| daily.calls),
        in_flight = limits.in_flight,
        "Set limits over the API"
    );
    view(gateway, scope).await.map(Json)
}

/// Pauses a scope
///
/// Its calls stop, until it is resumed or for a time; calls under way are not stopped. Waiting jobs keep their place.
#[utoipa::path(
    post, path = "/v1/admin/limits/{scope}/pause", tag = "admin", operation_id = "pause_scope",
    params(("scope" = String, Path, description = "a kind, or `account`", example = "bvn")),
    request_body = Option<PauseBody>,
    responses(
        (status = 200, description = "it is paused", body = View),
    ),
)]
pub(crate) async fn pause(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(name): Segment,
    mut fields: Fields,
) -> Result<Json<View>, Problem> {
    let key = caller.operator(Role::Operate)?;
    let scope = scope(&name)?;
    let pause = Pause {
        lasts: fields.duration("for"),
        by: key.to_owned(),
        note: fields.note("note"),
    };
    fields.end()?;
    gateway.queue().pause_as(scope, &pause).await?;
    tracing::info!(
        key,
        scope,
        for_s = pause.lasts.map(|lasts| lasts.as_secs()),
        note = pause.note,
        "Paused over the API"
    );
    view(&gateway, scope).await.map(Json)
}

/// Resumes a scope
///
/// Whether it was paused or parked. One that was not paused by a person starts with a single call; if it succeeds, the others follow.
#[utoipa::path(
    post, path = "/v1/admin/limits/{scope}/resume", tag = "admin", operation_id = "resume_scope",
    params(("scope" = String, Path, description = "a kind, or `account`", example = "bvn")),
    responses(
        (status = 200, description = "it may send, unless `closed` says why not", body = Resumed),
    ),
)]
pub(crate) async fn resume(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(name): Segment,
) -> Result<Json<Resumed>, Problem> {
    let key = caller.operator(Role::Operate)?;
    let scope = scope(&name)?;
    let was = gateway.queue().resume(scope).await?;
    tracing::info!(key, scope, was, "Resumed over the API");
    let limiter = view(&gateway, scope).await?;
    Ok(Json(Resumed { limiter, was }))
}

async fn views(gateway: &Gateway) -> Result<Vec<View>, Problem> {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let limiters = gateway.queue().limiters(&kinds).await?;
    Ok(limiters.into_iter().map(View::of).collect())
}

async fn view(gateway: &Gateway, scope: &str) -> Result<View, Problem> {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let limiters = gateway.queue().limiters(&kinds).await?;
    let own = limiters.into_iter().find(|limiter| limiter.scope == scope);
    own.map(View::of)
        .ok_or_else(|| Problem::internal("the limits of a scope are missing"))
}

fn limit_problem(error: &kyc_queue::LimitError) -> Problem {
    let field = if error.what == "margin" {
        "margin_ms"
    } else {
        error.what
    };
    Problem {
        errors: vec![FieldError {
            pointer: format!("/{field}"),
            problem: error.problem.to_owned(),
            remedy: error.remedy.to_owned(),
        }],
        ..Problem::new(
            Kind::INVALID_BODY,
            error.to_string(),
            "correct the fields in errors, and send the request again",
        )
    }
}
