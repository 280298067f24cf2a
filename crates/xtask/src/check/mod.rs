//! Everything that assesses the code without running it. Hides what the parts are; one that fails does not hide the next.

mod circles;
mod imports;
mod layout;
mod links;
mod supply;
mod words;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::say::say;
use crate::workspace::{Workspace, succeed};

/// `cargo xtask check`: runs every part, then says which failed.
pub(crate) fn all(workspace: &Workspace, advisories: bool) -> ExitCode {
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
        ("supply chain", supply::check(workspace, advisories)),
    ];
    say("Summary");
    for (part, result) in &results {
        match result {
            Ok(()) => say(&format!("  ok      {part}")),
            Err(error) => say(&format!("  FAILED  {part}: {error:#}")),
        }
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
    // The fuzz targets too, which ask for no libFuzzer until they are linked.
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
