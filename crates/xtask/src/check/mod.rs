//! All checks that do not run the code. Hides which checks there are. A check that fails does not stop the others.

mod circles;
mod imports;
mod layout;
mod links;
mod supply;
mod words;

use std::process::ExitCode;

use anyhow::{Result, bail};

use self::supply::Advisories;
use crate::say::say;
use crate::workspace::{Workspace, succeed};

/// `cargo xtask check`: runs every check, then reports which failed.
pub(crate) fn all(workspace: &Workspace, advisories: bool) -> ExitCode {
    let supply = supply::check(workspace, advisories);
    let not_checked = matches!(supply, Ok(Advisories::NotChecked));
    let results = [
        ("formatting", format(workspace)),
        ("lints", lints(workspace)),
        (
            "imports",
            sentences(&imports::violations(workspace.metadata())),
        ),
        (
            "circles",
            circles::violations(workspace).and_then(|found| sentences(&found)),
        ),
        (
            "top level",
            layout::listing(workspace).and_then(|listing| sentences(&layout::violations(&listing))),
        ),
        (
            "words",
            words::violations(workspace).and_then(|found| sentences(&found)),
        ),
        ("documents", documents(workspace)),
        ("supply chain", supply.map(drop)),
    ];
    say("Summary");
    for (part, result) in &results {
        match result {
            Ok(()) => say(&format!("  ok      {part}")),
            Err(error) => say(&format!("  FAILED  {part}: {error:#}")),
        }
    }
    if not_checked {
        say("  NOT CHECKED  advisories: their database cannot be fetched");
    }
    if results.iter().all(|(_, result)| result.is_ok()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn format(workspace: &Workspace) -> Result<()> {
    succeed(
        workspace.cargo("fmt").args(["--all", "--check"]),
        "run cargo fmt --all",
    )
}

fn lints(workspace: &Workspace) -> Result<()> {
    let mut clippy = workspace.cargo("clippy");
    // Includes the fuzz targets, which need libFuzzer only when they are linked.
    clippy.args(["--workspace", "--all-targets"]);
    clippy.args(["--features", "kyc-fuzz/targets"]);
    succeed(clippy.args(["--", "--deny", "warnings"]), "see above")
}

fn documents(workspace: &Workspace) -> Result<()> {
    let listing = layout::listing(workspace)?;
    let documents = links::documents(workspace, &listing)?;
    sentences(&links::violations(&listing, &documents))
}

fn sentences(violations: &[String]) -> Result<()> {
    match violations {
        [] => Ok(()),
        [only] => bail!("{only}"),
        several => bail!("\n          {}", several.join("\n          ")),
    }
}
