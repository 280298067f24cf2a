#![doc = include_str!("../README.md")]
#![expect(
    clippy::print_stderr,
    reason = "a developer task prints to the terminal"
)]

mod api_fuzz;
mod check;
mod fuzz;
mod languages;
mod packages;
mod run;
mod say;
mod setup;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Developer tasks.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    /// Refuse a Cargo.lock that is out of date.
    #[arg(long)]
    locked: bool,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Find or install a Redis server, and print its path.
    Setup,
    /// Build and run `kyc demo`, which shows the whole service.
    #[command(disable_help_flag = true)]
    Demo {
        /// Arguments of `kyc demo`, such as `--once --json`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run all tests on real servers.
    Test {
        /// Run the queue's and the end-to-end tests on a Valkey server. Must come before all other arguments.
        #[arg(long)]
        valkey: bool,
        /// Arguments of `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run all checks that do not run the code.
    Check {
        /// Fail if the advisory database cannot be fetched. Otherwise the advisories are then not checked, and the summary
        /// says so.
        #[arg(long)]
        advisories: bool,
    },
    /// Inject faults into workers and Redis, and account for every accepted job.
    #[command(disable_help_flag = true)]
    Chaos {
        /// Arguments of the tool, such as `--seconds 60 --seed 1 --faults kill,cut --same 6`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Fuzz the code that must hold for any input.
    Fuzz(fuzz::Args),
    /// Send made-up requests to the HTTP API, and compare the answers with its document.
    ApiFuzz(api_fuzz::Args),
    /// Run a benchmark.
    Bench {
        /// The name of the benchmark.
        #[arg(default_value = "pipeline")]
        name: String,
        /// Count the instructions of each job with valgrind, and fail if they exceed the committed figure by more than 5 %.
        #[arg(long)]
        check: bool,
        /// Arguments of the benchmark, after `--`.
        #[arg(last = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match perform(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(cli: &Cli) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(cli.locked)?;
    match &cli.task {
        Task::Setup => run::setup(&workspace),
        Task::Demo { args } => run::demo(&workspace, args),
        Task::Test { valkey, args } => run::test(&workspace, *valkey, args),
        Task::Check { advisories } => Ok(check::all(&workspace, *advisories)),
        Task::Chaos { args } => run::chaos(&workspace, args),
        Task::Fuzz(args) => fuzz::fuzz(&workspace, args),
        Task::ApiFuzz(args) => run::api_fuzz(&workspace, args),
        Task::Bench { check: true, .. } => run::bench_check(&workspace),
        Task::Bench { name, args, .. } => run::bench(&workspace, name, args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Task {
        Cli::try_parse_from(line.split(' ')).expect(line).task
    }

    #[test]
    fn the_check_of_a_benchmark_is_a_flag() {
        assert!(matches!(
            parsed("xtask bench --check"),
            Task::Bench { check: true, .. }
        ));
    }

    #[test]
    fn arguments_are_passed_to_the_program() {
        assert!(
            matches!(parsed("xtask demo --once --json"), Task::Demo { args } if args == ["--once", "--json"])
        );
        assert!(matches!(parsed("xtask demo --help"), Task::Demo { args } if args == ["--help"]));
        assert!(
            matches!(parsed("xtask test -p kyc -- --nocapture"), Task::Test { valkey: false, args } if args.len() == 4)
        );
        assert!(
            matches!(parsed("xtask test --valkey -p kyc -- wake"), Task::Test { valkey: true, args } if args.len() == 4)
        );
        assert!(
            matches!(parsed("xtask chaos --seed 2 --json"), Task::Chaos { args } if args == ["--seed", "2", "--json"])
        );
        assert!(matches!(
            parsed("xtask fuzz assess --seconds 30"),
            Task::Fuzz(_)
        ));
        assert!(matches!(
            parsed("xtask api-fuzz --seconds 30 --seed 2"),
            Task::ApiFuzz(_)
        ));
        let bench = parsed("xtask bench -- --quick");
        assert!(
            matches!(bench, Task::Bench { name, check: false, args } if name == "pipeline" && args == ["--quick"])
        );
    }

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
