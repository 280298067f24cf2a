//! `kyc queue`: statistics of the queue, pausing and resuming kinds.

use std::process::ExitCode;

use anyhow::Result;
use kyc_queue::Totals;
use serde_json::json;

use super::limits;
use crate::{
    cli::Queue,
    output::{self, QueueStats},
    settings::Settings,
};

/// Runs the subcommand.
pub(crate) async fn run(command: &Queue, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        Queue::Stats { minutes } => stats(*minutes, settings, json).await?,
        Queue::Pause(scopes) => limits::pause(scopes, settings, json).await?,
        Queue::Resume(scopes) => limits::resume(scopes, settings, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn stats(minutes: u32, settings: &Settings, json: bool) -> Result<()> {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let queue = settings.connect().await?;
    let happened = queue.minutes(minutes).await?;
    let stats = QueueStats {
        depths: queue.depths(&kinds).await?,
        parked: queue.parked(&kinds).await?,
        workers: queue.workers().await?,
        minutes,
        totals: Totals::of(&happened),
    };
    if !json {
        return output::line(output::stats(&stats));
    }
    output::line(json!({
        "jobs": stats.depths,
        "parked": stats.parked,
        "workers": stats.workers,
        "totals": stats.totals,
        "minutes": happened,
    }))
}
