//! `cargo xtask chaos`: injects faults at random times and reports every broken promise.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool prints its report"
)]

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use kyc_tests::chaos::{Faults, Options, ROLE, enqueue_until_stdin_ends, run};

/// Injects faults into real workers, a real Redis and real clients, and accounts for every accepted job.
#[derive(Debug, Parser)]
#[command(name = "chaos", bin_name = "cargo xtask chaos")]
struct Cli {
    /// Time during which jobs are enqueued and faults happen, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=86_400))]
    seconds: u64,
    /// Worker processes
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Seed that decides which fault happens when
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Faults, separated by commas: kill, stop, redis-restart, redis-hang, cut, lose-reply, blob-fail, odd-answer; or all, or none
    #[arg(long, default_value = "all")]
    faults: Faults,
    /// Length of a lease, in milliseconds
    #[arg(long, default_value_t = 2_000, value_name = "MS", value_parser = clap::value_parser!(u64).range(200..=60_000))]
    lease: u64,
    /// Jobs that a worker runs at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    concurrency: u16,
    /// Jobs that are enqueued in a second
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    rate: u32,
    /// Lets N consecutive jobs of an entry path share a number, and reuses answers
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    same: u32,
    /// Calls of each kind that the whole fleet may send in a second; unlimited by default
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: Option<u32>,
    /// Time that the provider takes for an answer, in milliseconds
    #[arg(long, default_value_t = 150, value_name = "MS")]
    latency: u64,
    /// The longest wait until all jobs have ended once the faults are over, in seconds
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    quiet: u64,
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|word| word == ROLE) {
        enqueue_until_stdin_ends().await;
        return ExitCode::SUCCESS;
    }
    let cli = Cli::parse();
    let itself = std::env::current_exe().expect("a running program has a path");
    let options = Options {
        seconds: cli.seconds,
        workers: cli.workers.into(),
        seed: cli.seed,
        faults: cli.faults,
        lease: Duration::from_millis(cli.lease),
        concurrency: cli.concurrency.into(),
        rate: cli.rate,
        same: cli.same,
        limit: cli.limit,
        latency: Duration::from_millis(cli.latency),
        quiet: Duration::from_secs(cli.quiet),
        keep: true,
        ..Options::new(itself)
    };
    let report = run(&options, |sentence| eprintln!("chaos: {sentence}")).await;
    if cli.json {
        println!("{}", report.to_json());
    } else {
        println!("{report}");
    }
    if report.broken().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
