//! `GET /v1/admin/workers`: the workers that the queue knows.

use axum::{Json, extract::State};
use jiff::Timestamp;
use kyc_queue::{Role, WorkerView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Gateway, caller::Caller, problem::Problem};

/// The workers of the queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkerList)]
pub(crate) struct List {
    workers: Vec<Worker>,
}

/// A worker.
#[derive(Debug, Serialize, ToSchema)]
struct Worker {
    /// Its name.
    #[schema(example = "worker-7d9f-1")]
    name: String,
    /// Whether it sent no heartbeat in time, so that other workers get its jobs.
    lost: bool,
    /// Until when it counts as alive without another heartbeat.
    #[schema(value_type = String, format = DateTime)]
    alive_until: Timestamp,
    /// The number of its leases: jobs that it has.
    leases: u64,
    /// How many jobs it runs at once. This and what follows is missing of a worker that does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<usize>,
    /// The kinds that it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<String>>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0.1.0")]
    version: Option<String>,
    /// When it was started, by its own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
}

/// Lists workers
///
/// Those that are alive, and lost ones whose jobs other workers have not taken yet.
#[utoipa::path(
    get, path = "/v1/admin/workers", tag = "admin", operation_id = "list_workers",
    responses(
        (status = 200, description = "the workers", body = List),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
) -> Result<Json<List>, Problem> {
    caller.operator(Role::Operate)?;
    let workers = gateway.queue().workers().await?;
    let workers = workers.into_iter().map(Worker::of).collect();
    Ok(Json(List { workers }))
}

impl Worker {
    fn of(view: WorkerView) -> Self {
        let about = view.about;
        Self {
            name: view.name,
            lost: view.lost,
            alive_until: view.alive_until,
            leases: view.held,
            concurrency: about.as_ref().map(|about| about.concurrency),
            version: about.as_ref().map(|about| about.version.clone()),
            started_at: about.as_ref().map(|about| about.started_at),
            kinds: about.map(|about| about.kinds),
        }
    }
}
