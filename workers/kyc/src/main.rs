#![doc = include_str!("../README.md")]
#![expect(
    clippy::print_stderr,
    reason = "a command line tool prints answers to stdout, and messages for people to stderr"
)]

mod cli;
mod commands;
mod output;
mod probes;
mod process;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    cli::{Cli, Command},
    settings::{Layers, Settings},
};

/// Jobs allocate and free megabytes a second from several threads. This allocator needs less time for that, and returns the
/// memory of a burst to the system. `.cargo/config.toml` configures it.
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    process::protect();
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        // The reader has closed the pipe, as in `kyc results | head -1`.
        Err(error) if error.is::<output::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kyc: {}", output::trouble(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // They need no settings, so a wrong file does not keep a shell from starting.
    match &cli.command {
        Command::Completions(args) => return commands::manual::completions(args),
        Command::Man(args) => return commands::manual::man(args),
        _ => {}
    }
    let settings = Settings::load(Layers::read(cli.config.as_deref(), cli.flags()?)?);
    // The doctor starts the log itself, so that a wrong log setting is one of its findings.
    if !matches!(cli.command, Command::Doctor(_)) {
        settings.start_log()?;
    }
    kyc_telemetry::install_panic_hook();
    let runtime = tokio::runtime::Runtime::new()?;
    let code = runtime.block_on(dispatch(cli, settings));
    // Dropping the runtime would wait for a read of standard input, which may never end.
    runtime.shutdown_background();
    code
}

async fn dispatch(cli: Cli, settings: Settings) -> anyhow::Result<ExitCode> {
    let json = cli.json;
    match cli.command {
        Command::Demo(args) => commands::demo::run(&args, &settings, json).await,
        Command::Work(args) => commands::work::run(&args, &settings).await,
        Command::Serve(args) => commands::serve::run(&args, &settings, json).await,
        Command::Sandbox(args) => commands::sandbox::run(&args, &settings, json).await,
        Command::Enqueue(args) => commands::enqueue::run(&args, &settings, json).await,
        Command::Result(args) => commands::result::run(&args, &settings, json).await,
        Command::Explain(args) => commands::explain::run(&args, &settings, json).await,
        Command::Assess(args) => commands::assess::run(&args, &settings, json).await,
        Command::Results(args) => commands::results::run(&args, &settings, json).await,
        Command::Images(args) => commands::images::run(&args, &settings, json).await,
        Command::Rejected(args) => commands::rejected::run(&args, &settings, json).await,
        Command::Jobs { command } => commands::jobs::run(&command, &settings, json).await,
        Command::Limits { command } => {
            commands::limits::run(command.as_ref(), &settings, json).await
        }
        Command::Queue { command } => commands::queue::run(&command, &settings, json).await,
        Command::Doctor(args) => commands::doctor::run(&args, &settings, json).await,
        Command::Settings => commands::settings::run(json),
        Command::Tenants { command } => commands::tenants::run(&command, &settings, json).await,
        Command::Acl(args) => commands::acl::run(&args, &settings),
        Command::Keys { command } => commands::keys::run(&command, &settings, json).await,
        Command::Completions(_) | Command::Man(_) => Ok(ExitCode::SUCCESS), // printed before
    }
}
