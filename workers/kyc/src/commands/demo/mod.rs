//! `kyc demo`: runs the whole service on this machine. Afterwards only a folder with its files is left.

mod environment;
mod people;
mod report;
mod screen;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};

use self::{environment::Environment, report::Report};
use super::{private, told_to_stop};
use crate::{cli::Demo, settings::Settings};

/// The exit code of a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// Runs the demo.
pub(crate) async fn run(args: &Demo, settings: &Settings, json: bool) -> Result<ExitCode> {
    let dir = folder(args)?;
    eprintln!("All files of this demo are in {}", dir.display());
    let mut environment = Environment::set(&dir, &settings.of_this_machine()).await?;
    let played = tokio::select! {
        played = play(args, json, &environment) => played,
        () = told_to_stop() => Ok(stopped(args)),
    };
    environment.clear().await;
    played
}

/// The exit code of a demo that was stopped: an error only with `--once`, when the demo ends by itself.
fn stopped(args: &Demo) -> ExitCode {
    if args.once {
        ExitCode::from(INTERRUPTED)
    } else {
        ExitCode::SUCCESS
    }
}

async fn play(args: &Demo, json: bool, environment: &Environment) -> Result<ExitCode> {
    let queue = environment.settings.connect_opening().await?;
    let cast = people::enqueue(&queue, &environment.radius_url).await?;
    let mut show = Report::new(queue, cast, json);
    let all_well = show.until_all_have_ended().await?;
    show.tell(environment).await?;
    if !args.once {
        eprintln!("\nThe demo runs until Ctrl-C. Try in another terminal:");
        for command in environment.commands() {
            eprintln!("  {command}");
        }
        eprintln!("Or over HTTP, from any program; the key is for this demo only:");
        eprintln!("  {}", environment.request());
        std::future::pending::<()>().await;
    }
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn folder(args: &Demo) -> Result<PathBuf> {
    if let Some(dir) = &args.dir {
        private::make_folder(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        return Ok(std::path::absolute(dir)?);
    }
    let dir = tempfile::Builder::new().prefix("kyc-demo-").tempdir()?;
    Ok(dir.keep())
}
