//! Hides which files and folders are allowed at the top level.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;

/// The allowed entries, beside those whose name begins with a dot.
const TOP_LEVEL: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "crates",
    "docker-compose.yml",
    "tests",
    "workers",
];

/// The folder with keys on a developer's machine.
const SECRETS: &str = ".secrets";

/// Returns every file that git tracks or would track, separated by NUL.
pub(super) fn listing(workspace: &Workspace) -> Result<String> {
    let mut git = workspace.command("git");
    let output = git
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output();
    let output = output.context("cannot run git")?;
    ensure!(
        output.status.success(),
        "git cannot list the files of this folder"
    );
    String::from_utf8(output.stdout).context("a file name is not UTF-8")
}

/// Returns one sentence for each unexpected entry at the top level.
pub(super) fn violations(listing: &str) -> Vec<String> {
    let files = listing.split('\0').filter(|file| !file.is_empty());
    let top: BTreeSet<&str> = files.filter_map(|file| file.split('/').next()).collect();
    top.into_iter().filter_map(violation).collect()
}

fn violation(name: &str) -> Option<String> {
    if name == SECRETS {
        return Some(format!("{SECRETS} holds keys and must be ignored by git"));
    }
    let known = name.starts_with('.') || TOP_LEVEL.contains(&name);
    (!known).then(|| format!("{name} does not belong at the top level: deployment goes under workers/deploy, pages under crates"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_entries_are_allowed_at_the_top_level() {
        let fine =
            "Cargo.toml\0Cargo.lock\0crates/a/src/lib.rs\0.ci/run\0.gitignore\0tests/Cargo.toml\0";
        assert_eq!(violations(fine), Vec::<String>::new());
        let strangers = violations("docs/a.md\0docs/b.md\0Makefile\0");
        assert_eq!(strangers.len(), 2, "{strangers:?}");
        assert!(
            strangers[0].starts_with("Makefile does not belong"),
            "{strangers:?}"
        );
    }

    #[test]
    fn the_folder_with_keys_must_be_ignored_by_git() {
        assert_eq!(
            violations(".secrets/kyc_keys\0"),
            [".secrets holds keys and must be ignored by git"]
        );
    }
}
