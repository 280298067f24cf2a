//! `GET /v1/admin/rejected`: entries of the inbox that could not be accepted.

use axum::{Json, extract::State};
use kyc_queue::{Rejected, Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::Most;
use crate::{Gateway, caller::Caller, extract::Params, problem::Problem};

/// Rejected entries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedList)]
pub(crate) struct List {
    /// The newest first.
    rejected: Vec<Entry>,
}

/// A rejected entry, without what was sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedEntry)]
struct Entry {
    /// The stream that it was added to: `inbox`, or `inbox:TENANT`.
    #[schema(example = "inbox:acme")]
    stream: String,
    /// The id that it had there.
    #[schema(example = "1795312345678-0")]
    entry: String,
    /// The field of the first fault.
    #[schema(example = "bvn")]
    field: String,
    /// What is wrong with it.
    problem: String,
    /// How to correct it.
    remedy: String,
    /// All faults in a sentence.
    faults: String,
    /// The number of bytes that were sent.
    bytes: u64,
    /// Whether the job is kept, sealed: `kyc rejected ENTRY` opens it with a key.
    is_retained: bool,
}

/// Lists rejected entries
///
/// The newest entries of the inbox that could not be accepted, and why. What was sent is not shown.
#[utoipa::path(
    get, path = "/v1/admin/rejected", tag = "admin", operation_id = "list_rejected", params(Most),
    responses(
        (status = 200, description = "the newest", body = List),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(most): Params<Most>,
) -> Result<Json<List>, Problem> {
    caller.operator(Role::Operate)?;
    let limit = most.limit()?;
    let rejected = gateway.queue().rejected(limit).await?;
    let rejected = rejected.into_iter().map(Entry::of).collect();
    Ok(Json(List { rejected }))
}

impl Entry {
    fn of(rejected: Rejected) -> Self {
        let Rejected {
            stream,
            entry,
            field,
            problem,
            remedy,
            faults,
            bytes,
            is_retained,
        } = rejected;
        Self {
            stream,
            entry,
            field,
            problem,
            remedy,
            faults,
            bytes,
            is_retained,
        }
    }
}
