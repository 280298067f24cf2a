//! `kyc jobs`: shows jobs, and acts on them.

mod apply;
mod choice;
mod list;
mod number;
mod show;

use std::process::ExitCode;

use anyhow::Result;
use kyc_gateway::operations::{CANCEL, DISCARD, DISCARD_ALONE, REREAD, RETRY};

use crate::{cli::Jobs, settings::Settings};

/// Runs the subcommand.
pub(crate) async fn run(command: &Jobs, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        Jobs::List(args) => list::run(args, settings, json).await,
        Jobs::Show(args) => show::run(args, settings, json).await,
        Jobs::Retry(chosen) => apply::run(&RETRY, chosen, settings, json).await,
        Jobs::Reread(chosen) => apply::run(&REREAD, chosen, settings, json).await,
        Jobs::Cancel(chosen) => apply::run(&CANCEL, chosen, settings, json).await,
        Jobs::Discard(args) => {
            let action = if args.without_images {
                &DISCARD_ALONE
            } else {
                &DISCARD
            };
            apply::run(action, &args.chosen, settings, json).await
        }
    }
}
