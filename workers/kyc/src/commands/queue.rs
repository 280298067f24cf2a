//! `kyc queue`: how the queue stands, pausing kinds and letting them go on.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{Totals, limits};
use crate::{
    cli::Queue,
    output::{self, Standing},
    settings::Settings,
};

/// Looks or acts.
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
    let standing = Standing {
        depths: queue.depths(&kinds).await?,
        parked: queue.parked(&kinds).await?,
        workers: queue.workers().await?,
        minutes,
        totals: Totals::of(&happened),
    };
    if !json {
        return output::line(output::stats(&standing));
    }
    output::line(json!({
        "jobs": standing.depths,
        "parked": standing.parked,
        "workers": standing.workers,
        "totals": standing.totals,
        "minutes": happened,
    }))
}
