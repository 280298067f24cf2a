//! Hides the paths of the workspace and of its target directory, and how cargo is called with a clean environment.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Variables that `cargo run` sets for the task. If they were passed on, build scripts that watch them would run again in
/// every task.
const OF_CARGO_RUN: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
];

/// The workspace in which the task was started.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    locked: bool,
    metadata: Value,
}

impl Workspace {
    /// Reads the metadata of cargo. `locked` applies to every later call of cargo.
    pub(crate) fn find(locked: bool) -> Result<Self> {
        let output = clean(Command::new(cargo_path()))
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo")?;
        ensure!(output.status.success(), "cargo cannot read this workspace");
        let metadata: Value =
            serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
        let path = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo names no {key}"))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            locked,
            metadata,
        })
    }

    /// Returns the root of the workspace.
    pub(crate) fn folder(&self) -> &Path {
        &self.root
    }

    /// Returns the path of a folder or file of the workspace.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Returns a path in the target directory, for files that a task makes.
    pub(crate) fn made(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// Returns the output of `cargo metadata --no-deps`.
    pub(crate) fn metadata(&self) -> &Value {
        &self.metadata
    }

    /// Returns whether a lock file that is out of date is refused.
    pub(crate) fn locked(&self) -> bool {
        self.locked
    }

    /// Returns the folder of a tool. Each tool has its own folder, since pip replaces a shared `bin`.
    pub(crate) fn tool_dir(&self, tool: &str) -> PathBuf {
        self.target.join("tools").join(tool)
    }

    /// Returns the path of a program that cargo built. `profile` is `debug`, `demo` or `release`.
    pub(crate) fn built(&self, profile: &str, program: &str) -> PathBuf {
        self.target.join(profile).join(program)
    }

    /// Returns a call of cargo from the workspace root. It includes `--locked` if that was requested and the subcommand takes it.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = self.command(cargo_path());
        cargo.arg(subcommand);
        if self.locked && subcommand != "fmt" {
            cargo.arg("--locked");
        }
        cargo
    }

    /// Returns a call of any program from the workspace root.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = clean(Command::new(program.as_ref()));
        command.current_dir(&self.root);
        command
    }
}

/// Runs the program to its end. Its output goes to standard error.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {name}"))
}

/// Runs the program to its end, and fails with `otherwise` if the program fails.
pub(crate) fn succeed(command: &mut Command, otherwise: &str) -> Result<()> {
    ensure!(run(command)?.success(), "{otherwise}");
    Ok(())
}

/// Reads an environment variable. No other code of a task does.
#[expect(
    clippy::disallowed_methods,
    reason = "a task is configured by its caller's environment, not by workers/kyc"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Keeps the caller's settings of `kyc`, which are meant for another queue, from a program.
pub(crate) fn clean_of_settings(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("KYC_") {
            command.env_remove(name);
        }
    }
}

fn cargo_path() -> PathBuf {
    variable("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn clean(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        if OF_CARGO_RUN
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command
}
