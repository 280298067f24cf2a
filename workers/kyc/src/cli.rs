//! The arguments of the command line.
#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help texts, which would show backticks literally"
)]

mod acl;
mod assess;
mod enqueue;
mod jobs;
mod keys;
mod limits;
mod manual;
mod tenants;

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, value_parser};

pub(crate) use self::{
    acl::{Acl, Role},
    assess::Assess,
    enqueue::Enqueue,
    jobs::{Chosen, Jobs, List, Only, Show},
    keys::{ApiKeys, Keys},
    limits::{Given, Limits, Pause, Scopes},
    manual::{Completions, Man},
    tenants::Tenants,
};
use crate::settings::Flags;

/// Verifies identities with Radius: jobs are queued and sealed, and each result is published once
#[derive(Parser)]
#[command(name = "kyc", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Configuration file [default: kyc.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets a setting; overrides kyc.toml and KYC_* variables
    #[arg(long = "set", global = true, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Prints JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Returns the settings that are set by flags.
    pub(crate) fn flags(&self) -> Result<Flags> {
        let set = pairs("--set", &self.set)?.into_iter();
        let mut flags: Flags = set
            .map(|(key, value)| (key.clone(), (format!("--set {key}"), value)))
            .collect();
        if let Command::Work(work) = &self.command {
            let own = [
                ("concurrency", &work.concurrency),
                ("grace", &work.grace),
                ("kinds", &work.kinds),
            ];
            for (key, value) in own {
                if let Some(value) = value {
                    flags.insert(key.to_owned(), (format!("--{key}"), value.clone()));
                }
            }
        }
        Ok(flags)
    }
}

/// Splits `name=value` texts.
pub(crate) fn pairs(flag: &str, texts: &[String]) -> Result<BTreeMap<String, String>> {
    let split = |text: &String| {
        let (name, value) = text
            .split_once('=')
            .with_context(|| format!("{flag}: write it as NAME=VALUE"))?;
        Ok((name.trim().to_owned(), value.to_owned()))
    };
    texts.iter().map(split).collect()
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs a demo of the whole service: a private Redis, a sandbox, two workers, checks of every kind
    Demo(Demo),
    /// Runs a worker until SIGTERM or Ctrl-C; a second signal makes it hand its jobs back at once
    Work(Work),
    /// Serves the HTTP API until SIGTERM or Ctrl-C
    Serve(Serve),
    /// Runs a local Radius with made-up people
    Sandbox(Sandbox),
    /// Enqueues one check, or a file of checks
    Enqueue(Enqueue),
    /// Shows a verification (exit code 0 completed, 3 not finished, 4 dead or cancelled, 5 unknown)
    Result(ResultOf),
    /// Explains a verification to people: the request, the comparison and its reasons, every attempt, the cost (exit codes
    /// as for kyc result)
    ///
    /// Personal data is masked: of a name the first letter is shown, of a date the year, of a number the last three digits.
    /// Reference, purpose and consent are shown as the caller wrote them.
    Explain(Explain),
    /// Tries a policy: compares claims with a record without a call, or stored verifications against other settings
    ///
    /// With --kind, --claims and --record it prints checks, reasons and verdict as kyc explain does; it needs neither
    /// Redis nor keys. With --since it assesses completed verifications again and shows which verdicts would change, from
    /// what to what; it changes nothing. Set the match_* and watch_list settings with --set. The exit code is 0 whatever the
    /// verdict.
    Assess(Assess),
    /// Shows published results
    Results(Results),
    /// Opens the images of a verification
    Images(Images),
    /// Shows the jobs that the inbox refused
    Rejected(Rejected),
    /// Lists, shows, retries, rereads, cancels and discards jobs
    Jobs {
        #[command(subcommand)]
        command: Jobs,
    },
    /// Shows and sets the limits of the whole fleet, pauses and resumes kinds
    ///
    /// Without a command it shows every kind and the account with their limits and what is used of them.
    Limits {
        #[command(subcommand)]
        command: Option<Limits>,
    },
    /// Shows statistics of the queue, pauses and resumes kinds
    Queue {
        #[command(subcommand)]
        command: Queue,
    },
    /// Checks configuration, Redis, keys, blob store and provider
    Doctor(Doctor),
    /// Lists all settings with their defaults and meanings
    Settings,
    /// Adds, limits, removes and lists tenants with an inbox of their own
    Tenants {
        #[command(subcommand)]
        command: Tenants,
    },
    /// Prints the command that gives a Redis user the rights of a role
    Acl(Acl),
    /// Generates, shows and changes keys
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
    /// Prints the completion of commands and flags for a shell
    Completions(Completions),
    /// Prints the manual page, or writes one for each command into a folder
    Man(Man),
}

#[derive(Args)]
pub(crate) struct Demo {
    /// Ends once all checks have ended
    #[arg(long)]
    pub once: bool,
    /// Folder for all files of the demo [default: a new temporary folder]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Work {
    /// Number of jobs to run at once
    #[arg(long, value_name = "N")]
    pub concurrency: Option<String>,
    /// How long running jobs may take after a signal to stop, like 25s
    #[arg(long, value_name = "TIME")]
    pub grace: Option<String>,
    /// Kinds to take, separated by commas
    #[arg(long, value_name = "KINDS")]
    pub kinds: Option<String>,
    /// The worker's name [default: host and process]
    #[arg(long)]
    pub name: Option<String>,
    /// Checks whether the worker at probe_listen is ready, and ends
    #[arg(long)]
    pub check: bool,
    /// Stops when standard input ends, so that no worker outlives the program that started it
    #[arg(long)]
    pub until_stdin_ends: bool,
}

#[derive(Args)]
pub(crate) struct Sandbox {
    /// Address to listen on; port 0 chooses a free port
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Latency of every answer, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub latency: u64,
    /// Calls per second above which the sandbox answers 429
    #[arg(long, value_name = "N")]
    pub rate: Option<NonZeroU32>,
    /// Approximate size of an ordinary image
    #[arg(long, default_value_t = 40_000, value_name = "BYTES")]
    pub image_bytes: usize,
    /// Never compresses answers
    #[arg(long)]
    pub no_compression: bool,
    /// Escapes each slash in base64 as \/, as PHP does
    #[arg(long)]
    pub escaped_slashes: bool,
    /// Also starts a private Redis with its data in this folder
    #[arg(long, value_name = "DIR")]
    pub with_redis: Option<PathBuf>,
    /// Checks the health of a running sandbox, and ends
    #[arg(long, value_name = "URL")]
    pub check: Option<String>,
    /// Stops when standard input ends
    #[arg(long)]
    pub until_stdin_ends: bool,
}

#[derive(Args)]
pub(crate) struct ResultOf {
    /// The verification
    pub id: String,
    /// Writes the provider's answer, if it is kept because it could not be read or stored: personal data
    #[arg(long, conflicts_with = "wait")]
    pub answer: bool,
    /// Waits until the verification has ended
    #[arg(long)]
    pub wait: bool,
    /// How long to wait, like 30s
    #[arg(long, default_value = "10m", value_name = "TIME")]
    pub timeout: String,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// The verification
    pub id: String,
}

#[derive(Args)]
pub(crate) struct Results {
    /// Continues with new results as they are published
    #[arg(long)]
    pub follow: bool,
    /// Starts after this entry [default: 0, or the newest with --follow]
    #[arg(long, value_name = "ENTRY")]
    pub after: Option<String>,
    /// Reads the results of this tenant alone, which was added with `kyc tenants add`
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
}

#[derive(Args)]
pub(crate) struct Images {
    /// The verification
    pub id: String,
    /// Writes the opened images into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Rejected {
    /// The entry whose job is shown as it was sent: personal data
    pub entry: Option<String>,
    /// How many to list, newest first
    #[arg(long, default_value_t = 20)]
    pub most: usize,
}

#[derive(Subcommand)]
pub(crate) enum Queue {
    /// Shows the number of jobs by place, parked kinds, workers and recent events
    Stats {
        /// How far back, in minutes; two days are kept
        #[arg(long, default_value_t = 60, value_parser = value_parser!(u32).range(1..=2880), value_name = "N")]
        minutes: u32,
    },
    /// The same as kyc limits pause
    Pause(Pause),
    /// The same as kyc limits resume
    Resume(Scopes),
}

#[derive(Args)]
pub(crate) struct Doctor {
    /// Prints only checks that failed
    #[arg(long)]
    pub quiet: bool,
    /// Leaves out the provider: restarting a worker does not help when the provider fails
    #[arg(long)]
    pub local: bool,
}

/// `kyc serve`
#[derive(Args)]
pub(crate) struct Serve {
    /// Stops when standard input ends, for a program that starts it
    #[arg(long, hide = true)]
    pub until_stdin_ends: bool,
}
