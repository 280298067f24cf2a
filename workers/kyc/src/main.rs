#![doc = include_str!("../README.md")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a command line tool is for: answers on stdout, words for people on stderr"
)]

mod cli;
mod commands;
mod output;
mod settings;

use std::process::ExitCode;

use clap::Parser;
use kyc_domain::Refusals;

use crate::{
    cli::{Cli, Command},
    settings::{Layers, Settings, WrongSetting},
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            let text = format!("{error:#}");
            // The last line of defence: whatever an error says, it names no number and no address in full.
            // What is refused is never repeated, and its remedy's example is to be read.
            let own_words = error.is::<Refusals>() || error.is::<WrongSetting>();
            let text = if own_words {
                text.into()
            } else {
                kyc_telemetry::scrub(&text)
            };
            eprintln!("kyc: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(Layers::read(cli.config.as_deref(), cli.flags()?)?);
    kyc_telemetry::init(&settings.log()?)?;
    kyc_telemetry::install_panic_hook();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(dispatch(cli, settings))
}

async fn dispatch(cli: Cli, settings: Settings) -> anyhow::Result<ExitCode> {
    let json = cli.json;
    match cli.command {
        Command::Demo(args) => commands::demo::run(&args, json).await,
        Command::Work(args) => commands::work::run(&args, &settings).await,
        Command::Sandbox(args) => commands::sandbox::run(&args, &settings, json).await,
        Command::Enqueue(args) => commands::enqueue::run(&args, &settings, json).await,
        Command::Result(args) => commands::result::run(&args, &settings, json).await,
        Command::Results(args) => commands::results::run(&args, &settings, json).await,
        Command::Images(args) => commands::images::run(&args, &settings, json).await,
        Command::Rejected(args) => commands::rejected::run(&args, &settings, json).await,
        Command::Queue { command } => commands::queue::run(&command, &settings, json).await,
        Command::Doctor(args) => commands::doctor::run(&args, &settings, json).await,
        Command::Settings => commands::settings::run(json),
        Command::Keys { command } => commands::keys::run(&command),
    }
}
