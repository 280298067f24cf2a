//! Hides where `cargo-deny` comes from and which checks it runs. Its rules are in `.cargo/deny.toml`.

use anyhow::Result;

use crate::tools::cargo_tool;
use crate::workspace::{Workspace, succeed};

/// Checks bans, licences and sources, and with `advisories` also the advisory database, which requires the network.
pub(super) fn check(workspace: &Workspace, advisories: bool) -> Result<()> {
    let mut deny = workspace.command(cargo_tool(workspace, "cargo-deny")?);
    if workspace.locked() {
        deny.arg("--locked");
    }
    deny.args(["check", "bans", "licenses", "sources"]);
    if advisories {
        deny.arg("advisories");
    }
    succeed(&mut deny, "see above")
}
