//! Hides how a program of this workspace is built and how it replaces the task's process.
//!
//! A task starts its last program with `exec`, so that the program handles Ctrl-C, the terminal and the exit code itself.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::api_fuzz;
use crate::languages;
use crate::say::say;
use crate::setup::{REDIS_SERVER, redis_server, valkey_server};
use crate::tools::on_path;
use crate::workspace::{Workspace, succeed};

/// The variable that names the built `kyc` for tests and benchmarks.
const KYC_BIN: &str = "KYC_BIN";

/// A profile of cargo as a task uses it.
#[derive(Clone, Copy)]
enum Profile {
    Dev,
    /// Builds in a fraction of the time of [`Profile::Release`], and is fast enough for a demo.
    Demo,
    Release,
}

/// `cargo xtask setup`.
pub(crate) fn setup(workspace: &Workspace) -> Result<ExitCode> {
    let server = redis_server(workspace)?;
    say(&format!("The Redis server is {}.", server.display()));
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask demo`. Only `kyc` writes to standard output.
pub(crate) fn demo(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let server = redis_server(workspace)?;
    let kyc = build(workspace, Profile::Demo)?;
    // Runs in the caller's folder, since the arguments may name files.
    become_program(
        Command::new(kyc)
            .arg("demo")
            .args(args)
            .env(REDIS_SERVER, server),
    )
}

/// The packages whose tests start a server.
const ON_A_SERVER: [&str; 4] = ["--package", "kyc-queue", "--package", "kyc-tests"];

/// `cargo xtask test`.
pub(crate) fn test(workspace: &Workspace, valkey: bool, args: &[String]) -> Result<ExitCode> {
    let server = if valkey {
        valkey_server(workspace)?
    } else {
        redis_server(workspace)?
    };
    let kyc = build(workspace, Profile::Dev)?;
    let mut cargo = workspace.cargo("test");
    if !selects_packages(args) {
        cargo.args(if valkey {
            &ON_A_SERVER[..]
        } else {
            &["--workspace"]
        });
    }
    if runs_end_to_end(args) {
        languages::set_up(workspace, &mut cargo);
    }
    become_program(
        cargo
            .arg("--no-fail-fast")
            .args(args)
            .env(REDIS_SERVER, server)
            .env(KYC_BIN, kyc),
    )
}

/// `cargo xtask bench`. Measures the release build.
pub(crate) fn bench(workspace: &Workspace, name: &str, args: &[String]) -> Result<ExitCode> {
    let server = redis_server(workspace)?;
    let kyc = build(workspace, Profile::Release)?;
    let mut cargo = workspace.cargo("bench");
    cargo
        .args(["--package", "kyc-tests", "--bench", name, "--"])
        .args(args);
    become_program(cargo.env(REDIS_SERVER, server).env(KYC_BIN, kyc))
}

/// `cargo xtask bench --check`. Counts instructions, which do not depend on the load of the machine.
pub(crate) fn bench_check(workspace: &Workspace) -> Result<ExitCode> {
    if on_path("valgrind").is_none() {
        bail!(
            "valgrind is not on PATH, but it counts the instructions: install the package of that name"
        );
    }
    bench(workspace, "pipeline", &["--check".to_owned()])
}

/// `cargo xtask chaos`. Tests the release build.
pub(crate) fn chaos(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let server = redis_server(workspace)?;
    let kyc = build(workspace, Profile::Release)?;
    let mut cargo = workspace.cargo("build");
    cargo.args(["--release", "--package", "kyc-tests", "--bin", "chaos"]);
    succeed(&mut cargo, "the tool could not be built")?;
    become_program(
        Command::new(workspace.built("release", "chaos"))
            .args(args)
            .env(REDIS_SERVER, server)
            .env(KYC_BIN, kyc),
    )
}

/// `cargo xtask api-fuzz`.
pub(crate) fn api_fuzz(workspace: &Workspace, args: &api_fuzz::Args) -> Result<ExitCode> {
    let server = redis_server(workspace)?;
    let kyc = build(workspace, Profile::Dev)?;
    api_fuzz::fuzz(workspace, &kyc, &server, args)
}

/// Builds `kyc`, with cargo's output on the terminal, and returns its path.
fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", "kyc"]);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Demo => {
            // A demo needs neither the cloud stores nor the allocator for heavy load.
            cargo.args(["--profile", "demo", "--no-default-features"]);
            "demo"
        }
        Profile::Release => {
            cargo.arg("--release");
            "release"
        }
    };
    succeed(&mut cargo, "kyc could not be built")?;
    Ok(workspace.built(folder, "kyc"))
}

/// Returns whether arguments of `cargo test` name packages, which `--workspace` would override.
fn selects_packages(args: &[String]) -> bool {
    packages(args).next().is_some()
}

/// Returns whether the end-to-end tests are among those that these arguments of `cargo test` select.
fn runs_end_to_end(args: &[String]) -> bool {
    !selects_packages(args) || packages(args).any(|package| package == "kyc-tests")
}

/// Returns the packages that arguments of `cargo test` name, before the arguments of the tests.
fn packages(args: &[String]) -> impl Iterator<Item = &str> {
    let args: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .take_while(|arg| *arg != "--")
        .collect();
    let next = args.clone().into_iter().skip(1).map(Some).chain([None]);
    args.into_iter()
        .zip(next)
        .filter_map(|(arg, next)| match arg {
            "-p" | "--package" => next,
            arg if arg.starts_with("--") => arg.strip_prefix("--package="),
            arg => arg.strip_prefix("-p"),
        })
}

/// Replaces this process with the program. Returns only if the program cannot be started.
fn become_program(command: &mut Command) -> Result<ExitCode> {
    let name = command.get_program().to_string_lossy().into_owned();
    Err(command.exec()).with_context(|| format!("cannot run {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_recognised_only_before_the_arguments_of_the_tests() {
        let cases: [(&[&str], &[&str], bool); 8] = [
            (&[], &[], true),
            (&["-p", "kyc-domain"], &["kyc-domain"], false),
            (&["-pkyc-domain"], &["kyc-domain"], false),
            (&["--package=kyc"], &["kyc"], false),
            (
                &["-p", "kyc", "--package", "kyc-tests"],
                &["kyc", "kyc-tests"],
                true,
            ),
            (&["--profile", "release"], &[], true),
            (&["--", "-p", "kyc"], &[], true),
            (&["-pkyc-tests", "--", "-p"], &["kyc-tests"], true),
        ];
        for (args, named, end_to_end) in cases {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            assert_eq!(packages(&args).collect::<Vec<_>>(), named, "{args:?}");
            assert_eq!(runs_end_to_end(&args), end_to_end, "{args:?}");
        }
    }
}
