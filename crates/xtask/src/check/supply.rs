//! Hides where `cargo-deny` comes from and what it is asked. Its rules are in `.cargo/deny.toml`.

use anyhow::Result;

use crate::tools::cargo_tool;
use crate::workspace::{Workspace, succeed};

/// Bans, licences and providers; with `advisories` also the advisory database, which needs the network.
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
