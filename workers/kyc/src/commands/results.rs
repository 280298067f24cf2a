//! `kyc results`: prints published results.

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use kyc_queue::{Error, Published};

use super::tenants::named;
use crate::{cli, output, settings::Settings};

/// The pause before results are read again after an error.
const PAUSE: Duration = Duration::from_secs(1);

/// Prints a line for each result.
pub(crate) async fn run(args: &cli::Results, settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect().await?;
    let from = args
        .after
        .as_deref()
        .unwrap_or(if args.follow { "$" } else { "0" });
    let mut results = match &args.tenant {
        Some(tenant) => queue.results_of(named(tenant)?.as_str(), from).await?,
        None => queue.results(from).await?,
    };
    loop {
        let published = match results.next().await {
            // Told once, and then the first entry that is left follows.
            Err(error @ Error::ResultsMissing { .. }) => {
                eprintln!("Warning: {error} (kyc jobs list completed)");
                continue;
            }
            // The position is kept, so that following continues after a restart of Redis.
            Err(error) if args.follow => {
                tracing::warn!(%error, "Could not read results; retrying");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            published => published?,
        };
        for result in &published {
            if result.authentic == Some(false) {
                eprintln!(
                    "The result {} was not published by a worker, or was changed: do not believe it",
                    result.entry
                );
            }
            line(result, json)?;
        }
        if published.is_empty() && !args.follow {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn line(result: &Published, json: bool) -> Result<()> {
    if json {
        output::line(serde_json::to_string(result)?)
    } else {
        let Published {
            entry,
            id,
            kind,
            state,
            verdict,
            reasons,
            reference,
            ..
        } = result;
        let reasons = reasons.join(",");
        output::line(format_args!(
            "{entry}  {id}  {kind:<15}  {state:<9}  {verdict:<13}  {reference}  {reasons}"
        ))
    }
}
