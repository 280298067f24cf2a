//! What a worker tells of itself, for whoever looks at the fleet. Nothing goes by it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, units::millis, worker::state::Worker};

/// How long it is kept without being written again, at least.
const KEPT: Duration = Duration::from_secs(600);

/// What a worker tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutWorker {
    /// Its version.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The number of jobs that it runs at once.
    pub concurrency: usize,
    /// The kinds that it takes.
    pub kinds: Vec<String>,
}

/// The name of the key that holds it.
pub(crate) fn key(session: &str) -> String {
    format!("worker:{session}")
}

/// Writes it. This is no part of a heartbeat, which it must not delay.
pub(crate) async fn tell(worker: &Worker, started_at: Timestamp) -> Result<(), Error> {
    let config = &worker.config;
    let about = AboutWorker {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at,
        concurrency: config.concurrency,
        kinds: config.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    let mut set = redis::cmd("SET");
    set.arg(worker.queue.key(&key(worker.session.name())));
    set.arg(serde_json::to_string(&about).unwrap_or_default());
    set.arg("PX").arg(millis(KEPT.max(config.lease * 2)));
    set.exec_async(&mut worker.queue.connection()).await?;
    Ok(())
}
