//! `kyc rejected`: jobs that the inbox refused.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use anyhow::{Context, Result};

use crate::{cli, output, settings::Settings};

/// Lists the refusals, or shows one job as it was sent.
pub(crate) async fn run(args: &cli::Rejected, settings: &Settings, json: bool) -> Result<ExitCode> {
    if let Some(entry) = &args.entry {
        let queue = settings.connect_opening().await?;
        let job = queue.rejected_job(entry).await?;
        let job = job.with_context(|| {
            format!(
                "no job is kept for the entry {entry}: there is no such rejected entry, or its job was too large"
            )
        })?;
        let mut out = std::io::stdout().lock();
        let shown = output::for_a_terminal(&job, out.is_terminal());
        output::written(out.write_all(&shown).and_then(|()| out.write_all(b"\n")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let queue = settings.connect().await?;
    for rejected in queue.rejected(args.most).await? {
        if json {
            output::line(serde_json::to_string(&rejected)?)?;
        } else {
            output::line(format_args!("{}  {}", rejected.entry, rejected.faults))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
