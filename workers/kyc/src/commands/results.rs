//! `kyc results`: what is published, as it comes.

use std::{io::Write, process::ExitCode};

use anyhow::Result;
use kyc_queue::Published;

use crate::{cli, settings::Settings};

/// Prints a line for each result.
pub(crate) async fn run(args: &cli::Results, settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect().await?;
    let from = args
        .after
        .as_deref()
        .unwrap_or(if args.follow { "$" } else { "0" });
    let mut results = queue.results(from).await?;
    loop {
        let published = results.next().await?;
        for result in &published {
            line(result, json)?;
        }
        std::io::stdout().flush()?;
        if published.is_empty() && !args.follow {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn line(result: &Published, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(result)?);
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
        println!("{entry}  {id}  {kind:<15}  {state:<9}  {verdict:<13}  {reference}  {reasons}");
    }
    Ok(())
}
