#![doc = include_str!("../README.md")]
#![expect(
    clippy::print_stderr,
    reason = "a developer task speaks to the person who runs it"
)]

mod check;
mod fuzz;
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
    /// Find a Redis server, or install one, and print its path.
    Setup,
    /// Show the whole service at work: build and run `kyc demo`.
    #[command(disable_help_flag = true)]
    Demo {
        /// Arguments of `kyc demo`, such as `--once --json`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run all tests on real servers.
    Test {
        /// The queue's and the end-to-end tests, on a Valkey server. Stands before all other arguments.
        #[arg(long)]
        valkey: bool,
        /// Arguments of `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run everything that assesses the code without running it.
    Check {
        /// Also ask the advisory database, which is fetched from the network.
        #[arg(long)]
        advisories: bool,
    },
    /// Trouble workers and Redis with faults, and account for every accepted job.
    #[command(disable_help_flag = true)]
    Chaos {
        /// Arguments of the tool, such as `--seconds 60 --seed 1 --faults kill,cut --same 6`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Look for inputs that break what must hold for any input.
    Fuzz(fuzz::Args),
    /// Run a benchmark.
    Bench {
        /// Its name.
        #[arg(default_value = "pipeline")]
        name: String,
        /// Counts instructions a job under valgrind, and fails beyond the committed figure.
        #[arg(long)]
        check: bool,
        /// Its own arguments, after `--`.
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
    fn instructions_are_counted_on_demand() {
        assert!(matches!(
            parsed("xtask bench --check"),
            Task::Bench { check: true, .. }
        ));
    }

    #[test]
    fn arguments_reach_the_program_that_is_run() {
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
