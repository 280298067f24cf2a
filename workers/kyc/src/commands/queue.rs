//! `kyc queue`: how the queue stands, pausing kinds and letting them go on.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use serde_json::json;

use super::Sums;
use crate::{
    cli::Queue,
    output::{self, Standing},
    settings::Settings,
};

/// Looks or acts.
pub(crate) async fn run(command: &Queue, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        Queue::Stats { minutes } => stats(*minutes, settings, json).await?,
        Queue::Pause { kind } => {
            let kinds = kinds(kind)?;
            let queue = settings.connect().await?;
            for kind in kinds {
                queue.pause(kind).await?;
                if json {
                    output::line(json!({ "kind": kind, "paused": true }))?;
                } else {
                    output::line(format_args!(
                        "{kind} sends nothing until it is resumed: kyc queue resume {kind}"
                    ))?;
                }
            }
        }
        Queue::Resume { kind } => {
            let kinds = kinds(kind)?;
            let queue = settings.connect().await?;
            for kind in kinds {
                queue.resume(kind).await?;
                if json {
                    output::line(json!({ "kind": kind, "resumed": true }))?;
                } else {
                    output::line(format_args!("{kind} may send again"))?;
                }
            }
        }
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
        sums: Sums::of(&happened),
    };
    if !json {
        return output::line(output::stats(&standing));
    }
    output::line(json!({
        "jobs": standing.depths,
        "parked": standing.parked,
        "workers": standing.workers,
        "sums": standing.sums,
        "minutes": happened,
    }))
}

/// One kind, or all of them.
fn kinds(named: &str) -> Result<Vec<&'static str>> {
    let all: Vec<&str> = kyc_kinds::names().collect();
    let kinds: Vec<&str> = all
        .iter()
        .copied()
        .filter(|kind| named == "all" || named == *kind)
        .collect();
    ensure!(
        !kinds.is_empty(),
        "{named} is not a kind: name one of {}, or all",
        all.join(", ")
    );
    Ok(kinds)
}
