//! `kyc queue`: how the queue stands, and letting a parked kind go on.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::{cli::Queue, output, settings::Settings};

/// Looks or acts.
pub(crate) async fn run(command: &Queue, settings: &Settings, json: bool) -> Result<ExitCode> {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    match command {
        Queue::Stats => {
            let queue = settings.connect().await?;
            let depths = queue.depths(&kinds).await?;
            let parked = queue.parked(&kinds).await?;
            if json {
                output::line(json!({ "jobs": depths, "parked": parked }))?;
            } else {
                output::line(output::stats(&depths, &parked))?;
            }
        }
        Queue::Resume { kind } => {
            ensure!(
                kinds.contains(&kind.as_str()),
                "{kind} is not a kind: name one of {}",
                kinds.join(", ")
            );
            settings.connect().await?.resume(kind).await?;
            if json {
                output::line(json!({ "kind": kind, "resumed": true }))?;
            } else {
                output::line(format_args!("{kind} may send again"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
