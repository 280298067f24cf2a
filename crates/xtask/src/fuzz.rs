//! `cargo xtask fuzz`: builds the fuzz targets and runs them. Hides where `cargo-fuzz` comes from, how the stable compiler
//! accepts its unstable options, and how libFuzzer's log is read.

mod log;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use self::log::Told;
use crate::say::say;
use crate::tools::cargo_tool;
use crate::workspace::{Workspace, succeed};

/// The crate of the targets.
const FOLDER: &str = "tests/fuzz";
/// The longest input. Short inputs are enough to reach the code, and they run faster.
const LONGEST: &str = "4096";
/// The longest time of one input, in seconds. An input that takes longer is a finding.
const LONGEST_UNIT: u64 = 10;

/// The targets that are run, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Targets, such as `assess`; all by default
    targets: Vec<String>,
    /// Time that each target runs, in seconds
    #[arg(long, default_value_t = 300)]
    seconds: u32,
    /// Targets that run at a time, each in one process on one core
    #[arg(long, default_value_t = 1)]
    at_once: usize,
}

/// Builds all targets, runs those that are named, and prints a line for each.
pub(crate) fn fuzz(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let targets = chosen(&all(workspace)?, &args.targets)?;
    let fuzzer = Fuzzer::find(workspace)?;
    say("Building the fuzz targets. The first build takes minutes.");
    succeed(&mut fuzzer.call("build"), "the targets could not be built")?;
    let told = fuzzer.run_all(&targets, args)?;
    say("Summary");
    for (target, told) in &told {
        say(&format!("  {target:<9} {told}"));
    }
    let found = told.iter().any(|(_, told)| !told.passed());
    Ok(ExitCode::from(u8::from(found)))
}

fn all(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path(&format!("{FOLDER}/targets"));
    let files =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let stem = |file: fs::DirEntry| Some(file.path().file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = files.flatten().filter_map(stem).collect();
    names.sort_unstable();
    Ok(names)
}

fn chosen(all: &[String], named: &[String]) -> Result<Vec<String>> {
    if let Some(stranger) = named.iter().find(|name| !all.contains(name)) {
        bail!(
            "unknown fuzz target {stranger}: use one of {}",
            all.join(", ")
        );
    }
    Ok(if named.is_empty() { all } else { named }.to_vec())
}

/// `cargo-fuzz` and its paths.
struct Fuzzer<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
}

impl<'a> Fuzzer<'a> {
    fn find(workspace: &'a Workspace) -> Result<Self> {
        let program = cargo_tool(workspace, "cargo-fuzz")?;
        Ok(Self { workspace, program })
    }

    fn call(&self, subcommand: &str) -> Command {
        let mut cargo = self.workspace.command(&self.program);
        cargo.args(["fuzz", subcommand, "--fuzz-dir", FOLDER]);
        cargo.args([
            "--features",
            "libfuzzer",
            "--codegen-units",
            "16",
            "--target-dir",
        ]);
        cargo.arg(self.workspace.made("fuzz"));
        // Coverage and the address sanitizer are unstable options of the compiler.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        // Coverage counts edges. Link-time optimisation takes minutes and merges them.
        cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
        cargo
    }

    fn run_all(&self, targets: &[String], args: &Args) -> Result<Vec<(String, Told)>> {
        let waiting = Mutex::new(targets.iter());
        let next = || {
            waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next()
        };
        let work = || -> Result<Vec<(String, Told)>> {
            std::iter::from_fn(next)
                .map(|target| Ok((target.clone(), self.run(target, args.seconds)?)))
                .collect()
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..args.at_once.max(1))
                .map(|_| scope.spawn(work))
                .collect();
            let mut told = Vec::new();
            for worker in workers {
                told.extend(worker.join().expect("a worker does not panic")?);
            }
            told.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            Ok(told)
        })
    }

    /// Runs a target to its end. On a busy or suspended machine, a process without CPU time looks like an input that takes too
    /// long. Such an input is run again. If it passes, it is no finding, and the target continues.
    fn run(&self, target: &str, seconds: u32) -> Result<Told> {
        let end = Instant::now() + Duration::from_secs(seconds.into());
        loop {
            let left = end.saturating_duration_since(Instant::now()).as_secs() + 1;
            let told = self.run_once(target, left)?;
            let Some(input) = told.slow() else {
                return Ok(told);
            };
            let input = self.workspace.path(input);
            let mut again = self.call("run");
            again.arg(target).arg(&input).stdin(Stdio::null());
            if !again
                .output()
                .context("cannot run cargo-fuzz")?
                .status
                .success()
            {
                return Ok(told);
            }
            say(&format!(
                "{target}: the slow input passes now, so the machine had stalled"
            ));
            fs::remove_file(&input)
                .with_context(|| format!("cannot remove {}", input.display()))?;
            if left <= LONGEST_UNIT {
                return Ok(told.without_finding());
            }
        }
    }

    fn run_once(&self, target: &str, seconds: u64) -> Result<Told> {
        let log = self.workspace.made(&format!("fuzz/{target}.log"));
        let corpus = self.workspace.path(&format!("{FOLDER}/corpus/{target}"));
        fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
        let file =
            fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        say(&format!(
            "{target}: {seconds} s; its log is {}",
            log.display()
        ));
        let mut run = self.call("run");
        run.arg(target).arg(corpus);
        run.arg(self.workspace.path(&format!("{FOLDER}/seeds/{target}")));
        run.args(["--", "-print_final_stats=1"]);
        run.args([
            format!("-max_total_time={seconds}"),
            format!("-max_len={LONGEST}"),
            format!("-timeout={LONGEST_UNIT}"),
        ]);
        run.stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let status = run.status().context("cannot run cargo-fuzz")?;
        let told = read(&log, status.success())?;
        ensure!(told.began(), "{target} did not run: see {}", log.display());
        Ok(told)
    }
}

fn read(log: &Path, passed: bool) -> Result<Told> {
    let bytes = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
    Ok(Told::read(&String::from_utf8_lossy(&bytes), passed))
}
