//! `kyc jobs`: looking at jobs, and doing something with them.

mod act;
mod choice;
mod deed;
mod list;
mod show;

use std::process::ExitCode;

use anyhow::Result;

use crate::{cli::Jobs, settings::Settings};

/// Looks or acts.
pub(crate) async fn run(command: &Jobs, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        Jobs::List(args) => list::run(args, settings, json).await,
        Jobs::Show(args) => show::run(args, settings, json).await,
        Jobs::Retry(chosen) => act::run(&deed::RETRY, chosen, settings, json).await,
        Jobs::Reread(chosen) => act::run(&deed::REREAD, chosen, settings, json).await,
        Jobs::Cancel(chosen) => act::run(&deed::CANCEL, chosen, settings, json).await,
        Jobs::Discard(args) => {
            let deed = if args.without_images {
                &deed::DISCARD_ALONE
            } else {
                &deed::DISCARD
            };
            act::run(deed, &args.chosen, settings, json).await
        }
    }
}
