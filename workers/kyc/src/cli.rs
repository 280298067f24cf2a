//! The words of the command line.
#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help texts, where backticks would stand as they are"
)]

mod assess;
mod enqueue;
mod jobs;
mod limits;

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, value_parser};

pub(crate) use self::{
    assess::Assess,
    enqueue::Enqueue,
    jobs::{Chosen, Jobs, List, Only, Show},
    limits::{Given, Limits, Scopes},
};
use crate::settings::Flags;

/// Verifies identities against Radius: queued, sealed, published once.
#[derive(Parser)]
#[command(name = "kyc", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Configuration file [default: kyc.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets a setting, over kyc.toml and KYC_* variables
    #[arg(long = "set", global = true, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Answers as JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The settings that flags set.
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
    /// Shows everything at work: a private Redis, a sandbox, two workers, checks of every kind
    Demo(Demo),
    /// Runs a worker until it is told to stop (SIGTERM, Ctrl-C); told again, it hands its jobs back at once
    Work(Work),
    /// Runs a local Radius with made-up people
    Sandbox(Sandbox),
    /// Puts a check into the queue, or a file of them
    Enqueue(Enqueue),
    /// Shows a verification (exit code 0 completed, 3 not finished, 4 dead or cancelled, 5 unknown)
    Result(ResultOf),
    /// Explains a verification to people: what was asked, what was compared and why it came out so, every attempt, what it
    /// cost (exit codes as kyc result)
    ///
    /// Whatever is known of the person is masked: the first letter of a name, the year of a date, the last three digits of a
    /// number. What the caller wrote into reference, purpose and consent stands as it is.
    Explain(Explain),
    /// Tries a policy: compares claims with a record without a call, or stored verifications against other settings
    ///
    /// With --kind, --claims and --record it prints checks, reasons and verdict as kyc explain does; it needs neither
    /// Redis nor keys. With --since it assesses completed verifications again and tells which verdicts would change, from
    /// what to what; it changes nothing. Settings match_* and watch_list are set with --set. The exit code is 0 whatever
    /// the verdict.
    Assess(Assess),
    /// Shows published results
    Results(Results),
    /// Opens the images of a verification
    Images(Images),
    /// Shows the jobs that the inbox refused
    Rejected(Rejected),
    /// Lists jobs, tells what became of one, retries, cancels and discards them
    Jobs {
        #[command(subcommand)]
        command: Jobs,
    },
    /// Shows and sets the limits of the whole fleet, pauses kinds and lets them send again
    ///
    /// Without a command it shows how every kind and the account stand against their limits.
    Limits {
        #[command(subcommand)]
        command: Option<Limits>,
    },
    /// Looks at the queue, pauses kinds and lets them send again
    Queue {
        #[command(subcommand)]
        command: Queue,
    },
    /// Checks configuration, Redis, keys, blob store and provider
    Doctor(Doctor),
    /// Lists all settings: names, defaults, meanings
    Settings,
    /// Makes keys
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
}

#[derive(Args)]
pub(crate) struct Demo {
    /// Ends when all is done
    #[arg(long)]
    pub once: bool,
    /// Where to put everything [default: a new folder for temporary files]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Work {
    /// Jobs at once
    #[arg(long, value_name = "N")]
    pub concurrency: Option<String>,
    /// Time for jobs under way once it is told to stop, like 25s
    #[arg(long, value_name = "TIME")]
    pub grace: Option<String>,
    /// Kinds to take, separated by commas
    #[arg(long, value_name = "KINDS")]
    pub kinds: Option<String>,
    /// The worker's name [default: host and process]
    #[arg(long)]
    pub name: Option<String>,
    /// Asks the worker that listens at probe_listen whether it is ready, and ends
    #[arg(long)]
    pub check: bool,
    /// Stops when standard input ends: no worker outlives the program that started it
    #[arg(long)]
    pub until_stdin_ends: bool,
}

#[derive(Args)]
pub(crate) struct Sandbox {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Time that every answer takes, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub latency: u64,
    /// Calls per second beyond which it answers 429
    #[arg(long, value_name = "N")]
    pub rate: Option<NonZeroU32>,
    /// Size of an ordinary image, about
    #[arg(long, default_value_t = 40_000, value_name = "BYTES")]
    pub image_bytes: usize,
    /// Never compresses answers
    #[arg(long)]
    pub no_compression: bool,
    /// Writes a slash in base64 as PHP does, as \/
    #[arg(long)]
    pub escaped_slashes: bool,
    /// Also starts a private Redis with its data in this folder
    #[arg(long, value_name = "DIR")]
    pub with_redis: Option<PathBuf>,
    /// Asks a running sandbox whether it is well, and ends
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
    /// Writes the provider's answer that is kept with it, since it could not be read or stored: personal data
    #[arg(long, conflicts_with = "wait")]
    pub answer: bool,
    /// Waits until it has ended
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
    /// Goes on with new ones
    #[arg(long)]
    pub follow: bool,
    /// Begins behind this entry [default: 0, or the newest with --follow]
    #[arg(long, value_name = "ENTRY")]
    pub after: Option<String>,
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
    /// The entry whose job is to be shown as it was sent: personal data
    pub entry: Option<String>,
    /// How many, newest first
    #[arg(long, default_value_t = 20)]
    pub most: usize,
}

#[derive(Subcommand)]
pub(crate) enum Queue {
    /// How many jobs are in which state, which kinds are parked, the workers, and what happened lately
    Stats {
        /// How far back, in minutes; two days are kept
        #[arg(long, default_value_t = 60, value_parser = value_parser!(u32).range(1..=2880), value_name = "N")]
        minutes: u32,
    },
    /// The same as kyc limits pause
    Pause(Scopes),
    /// The same as kyc limits resume
    Resume(Scopes),
}

#[derive(Args)]
pub(crate) struct Doctor {
    /// Says nothing when all is well
    #[arg(long)]
    pub quiet: bool,
    /// Leaves the provider out: its trouble is none of this machine, and restarting a worker is no help
    #[arg(long)]
    pub local: bool,
}

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Prints a new key, ready for KYC_KEYS
    Generate {
        /// The key's name [default: today's date]
        id: Option<String>,
    },
}
