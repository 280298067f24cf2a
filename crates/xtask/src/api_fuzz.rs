//! `cargo xtask api-fuzz`: sends made-up requests to a real server of the HTTP API, and compares the answers with its document.
//! Hides where Schemathesis comes from and how it is called.

mod service;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use self::service::Service;
use crate::languages::PYTHON_PACKAGES;
use crate::packages;
use crate::say::say;
use crate::workspace::{Workspace, run, succeed};

/// The tool, in one version.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// How it sends files of jobs.
const FILES: &str = include_str!("api_fuzz/files.py");
/// What is compared: no 5xx, and nothing that the document does not say.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,ignored_auth,missing_required_header";

/// What is sent, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The longest time of the requests, in seconds
    #[arg(long, default_value_t = 180)]
    seconds: u32,
    /// The number from which all requests are made up
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Further arguments of `schemathesis run`, after `--`
    #[arg(last = true)]
    args: Vec<String>,
}

/// Starts the service with this `kyc` and this Redis server, and fuzzes it. Ends with 1 on a finding.
pub(crate) fn fuzz(
    workspace: &Workspace,
    kyc: &Path,
    redis: &Path,
    args: &Args,
) -> Result<ExitCode> {
    let tool = schemathesis(workspace)?;
    let folder = workspace.made("api-fuzz");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let files = folder.join("files.py");
    fs::write(&files, FILES).with_context(|| format!("cannot write {}", files.display()))?;
    let service = Service::start(kyc, redis, &folder)?;
    say(&format!(
        "Fuzzing {} for at most {} s; all requests and answers go to {}.",
        service.address,
        args.seconds,
        folder.join("requests.yaml").display()
    ));
    let status = run(&mut call(&tool, &folder, &service, args))?;
    let died = service.end();
    ensure!(
        died.is_empty(),
        "{} ended while the requests were sent: see the logs in {}",
        died.join(" and "),
        folder.display()
    );
    say(if status.success() {
        "Every answer was as the document says."
    } else {
        "Some answers were not as the document says: see above."
    });
    Ok(ExitCode::from(u8::from(!status.success())))
}

fn call(tool: &Path, folder: &Path, service: &Service, args: &Args) -> Command {
    let mut call = Command::new(tool);
    call.current_dir(folder).stdin(Stdio::null());
    call.env("SCHEMATHESIS_HOOKS", "files")
        .env("PYTHONPATH", folder);
    call.arg("run")
        .arg(format!("{}/openapi.json", service.address));
    call.arg("--header")
        .arg(format!("Authorization: Bearer {}", service.key));
    call.args([
        "--checks",
        CHECKS,
        "--phases",
        "examples,coverage,fuzzing,stateful",
        // An answer without an end. Tests of their own follow it.
        "--exclude-path",
        "/v1/events",
    ]);
    call.args([
        "--seed",
        &args.seed.to_string(),
        "--max-time",
        &args.seconds.to_string(),
    ]);
    call.args([
        "--workers",
        "2",
        "--request-timeout",
        "90",
        "--no-color",
        "--warnings",
        "off",
    ]);
    call.args([
        "--suppress-health-check",
        "all",
        "--generation-database",
        "none",
    ]);
    call.args(["--report", "vcr", "--report-vcr-path", "requests.yaml"]);
    call.args(&args.args);
    call
}

/// Returns the tool, in a virtual environment of Python in the target directory.
fn schemathesis(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tool_dir("schemathesis");
    let (python, tool) = (folder.join("bin/python"), folder.join("bin/schemathesis"));
    let wanted = SCHEMATHESIS.replace("==", ", version ");
    let is_there = || {
        let version = Command::new(&tool)
            .arg("--version")
            .stdin(Stdio::null())
            .output();
        version.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).trim() == wanted)
    };
    if is_there() {
        return Ok(tool);
    }
    say(&format!(
        "Making a virtual environment of Python with {SCHEMATHESIS}, in the target directory."
    ));
    let make = || {
        let mut venv = workspace.command("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&folder);
        succeed(venv.stdin(Stdio::null()), "python3 -m venv failed")
    };
    if make().is_err() {
        packages::install(workspace, &PYTHON_PACKAGES);
        make().context("Schemathesis needs python3 with the module venv: install it")?;
    }
    let mut pip = workspace.command(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        SCHEMATHESIS,
    ]);
    let otherwise = format!(
        "{SCHEMATHESIS} is missing and could not be installed from PyPI: run this once with network, then it needs none"
    );
    succeed(pip.stdin(Stdio::null()), &otherwise)?;
    ensure!(
        is_there(),
        "{SCHEMATHESIS} was installed, but {} does not start",
        tool.display()
    );
    Ok(tool)
}
