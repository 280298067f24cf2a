//! Hides where the workspace and its target directory are, and how a clean cargo is called.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Set by `cargo run` for the program it runs. Build scripts that watch them would be built again by every task.
const OF_CARGO_RUN: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
];

/// The workspace the task was called in.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    locked: bool,
    metadata: Value,
}

impl Workspace {
    /// Asks cargo; `locked` holds for every later call of cargo.
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

    /// Where the workspace is.
    pub(crate) fn folder(&self) -> &Path {
        &self.root
    }

    /// A folder or file of the workspace.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A place for what a task makes.
    pub(crate) fn made(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// What `cargo metadata --no-deps` says.
    pub(crate) fn metadata(&self) -> &Value {
        &self.metadata
    }

    /// Whether a lock file that is out of date is refused.
    pub(crate) fn locked(&self) -> bool {
        self.locked
    }

    /// Where a program that belongs to one of our tasks is kept: apart for each, since pip replaces a shared `bin`.
    pub(crate) fn tool_dir(&self, tool: &str) -> PathBuf {
        self.target.join("tools").join(tool)
    }

    /// Where cargo puts a program of this workspace; `profile` is `debug`, `demo` or `release`.
    pub(crate) fn built(&self, profile: &str, program: &str) -> PathBuf {
        self.target.join(profile).join(program)
    }

    /// A call of cargo from the workspace root; a subcommand that takes `--locked` gets it when asked for.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = self.command(cargo_path());
        cargo.arg(subcommand);
        if self.locked && subcommand != "fmt" {
            cargo.arg("--locked");
        }
        cargo
    }

    /// A call of any program from the workspace root.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = clean(Command::new(program.as_ref()));
        command.current_dir(&self.root);
        command
    }
}

/// Runs to the end; what the program prints goes to standard error.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {name}"))
}

/// Runs to the end and fails with `otherwise` when the program does.
pub(crate) fn succeed(command: &mut Command, otherwise: &str) -> Result<()> {
    ensure!(run(command)?.success(), "{otherwise}");
    Ok(())
}

/// The one place where a task reads its environment.
#[expect(
    clippy::disallowed_methods,
    reason = "a task is configured by its caller's environment, not by workers/kyc"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
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
