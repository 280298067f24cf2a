//! Hides where `cargo-deny` comes from and which checks it runs. Its rules are in `.cargo/deny.toml`.

use std::process::Command;

use anyhow::{Result, bail};

use crate::say::say;
use crate::tools::cargo_tool;
use crate::workspace::{Workspace, run, succeed};

/// What is known about the advisories.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Advisories {
    /// No crate has one, except those that the rules ignore.
    None,
    /// The database could not be fetched.
    NotChecked,
}

/// Checks bans, licences, sources and advisories. The advisory database requires the network: if it cannot be fetched, the
/// advisories are not checked, which is an error with `must_fetch`.
pub(super) fn check(workspace: &Workspace, must_fetch: bool) -> Result<Advisories> {
    let program = cargo_tool(workspace, "cargo-deny")?;
    let deny = || {
        let mut deny = workspace.command(&program);
        if workspace.locked() {
            deny.arg("--locked");
        }
        deny
    };
    let rules = succeed(
        deny().args(["check", "bans", "licenses", "sources"]),
        "see above",
    );
    // Whatever the rules say, so that one run reports everything.
    let advisories = advisories(deny, must_fetch);
    rules.and(advisories)
}

fn advisories(deny: impl Fn() -> Command, must_fetch: bool) -> Result<Advisories> {
    // Only a failed fetch may be excused. The check itself has one exit code for a finding and for everything else.
    if !run(deny().args(["fetch", "db"]))?.success() {
        if must_fetch {
            bail!("the advisory database cannot be fetched");
        }
        say("The advisory database cannot be fetched (see above): ADVISORIES WERE NOT CHECKED.");
        return Ok(Advisories::NotChecked);
    }
    succeed(
        deny().args(["check", "advisories"]),
        "a crate has an advisory or was yanked, see above: update it, or add it to .cargo/deny.toml with a reason",
    )?;
    Ok(Advisories::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands in for `cargo-deny`: fetches and checks with these exit codes.
    fn deny(fetch: u8, check: u8) -> impl Fn() -> Command {
        let script = format!("case $1 in fetch) exit {fetch};; check) exit {check};; esac; exit 9");
        move || {
            let mut shell = Command::new("sh");
            shell.args(["-c", &script, "cargo-deny"]);
            shell
        }
    }

    #[test]
    fn a_finding_fails_and_a_missing_database_is_reported() {
        let checked = |fetch, check, must_fetch| advisories(deny(fetch, check), must_fetch).ok();
        assert_eq!(checked(0, 0, false), Some(Advisories::None));
        assert_eq!(checked(0, 0, true), Some(Advisories::None));
        assert_eq!(checked(0, 1, false), None);
        assert_eq!(checked(1, 0, false), Some(Advisories::NotChecked));
        assert_eq!(checked(1, 0, true), None);
    }
}
