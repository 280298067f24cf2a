//! The service under test: a sandbox with a private Redis, a worker and a server. Each ends when its standard input ends, so none
//! outlives the task.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::setup::REDIS_SERVER;
use crate::workspace::clean_of_settings;

/// The running service.
pub(super) struct Service {
    pub(super) address: String,
    /// An API key that may do everything.
    pub(super) key: String,
    /// In the order in which they end.
    programs: Vec<(&'static str, Child)>,
}

/// How its programs are started.
struct Starter<'a> {
    kyc: &'a Path,
    folder: &'a Path,
    settings: Vec<(&'static str, String)>,
}

impl Service {
    /// Starts all programs. Their files and logs are in this folder.
    pub(super) fn start(kyc: &Path, redis: &Path, folder: &Path) -> Result<Self> {
        let mut starter = Starter {
            kyc,
            folder,
            settings: vec![(REDIS_SERVER, redis.display().to_string())],
        };
        let mut sandbox = starter.start(
            "sandbox",
            &[
                "--json",
                "sandbox",
                "--listen",
                "127.0.0.1:0",
                "--until-stdin-ends",
                "--with-redis",
                "redis",
                "--image-bytes",
                "4000",
            ],
        )?;
        let announced = first_line(&mut sandbox)?;
        let text = |key: &str| announced[key].as_str().unwrap_or_default().to_owned();
        starter.output(&["keys", "generate", "--out", "kyc.keys"])?;
        starter.settings.extend([
            ("KYC_REDIS_URL", text("redis_url")),
            ("KYC_RADIUS_URL", text("radius_url")),
            ("KYC_RADIUS_TOKEN", "any".to_owned()),
            ("KYC_ALLOW_SANDBOX", "true".to_owned()),
            ("KYC_KEYS_FILE", "kyc.keys".to_owned()),
            ("KYC_BLOB_URL", "file:blobs".to_owned()),
            ("KYC_SERVE_LISTEN", "127.0.0.1:0".to_owned()),
        ]);
        let roles = "submit,read,reveal";
        let create = [
            "keys", "api", "create", "--tenant", "default", "--role", roles, "--rate", "100000",
        ];
        let key = starter.output(&create)?;
        let worker = starter.start(
            "worker",
            &["work", "--until-stdin-ends", "--name", "worker"],
        )?;
        let mut server = starter.start("server", &["--json", "serve", "--until-stdin-ends"])?;
        let address = first_line(&mut server)?["address"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            address,
            key: key.trim().to_owned(),
            programs: vec![
                ("the server", server),
                ("the worker", worker),
                ("the sandbox", sandbox),
            ],
        })
    }

    /// Ends all programs. Returns those that had ended before.
    pub(super) fn end(mut self) -> Vec<&'static str> {
        let mut died = Vec::new();
        for (name, program) in &mut self.programs {
            if matches!(program.try_wait(), Ok(Some(_))) {
                died.push(*name);
            }
            drop(program.stdin.take());
            let _ = program.wait();
        }
        died
    }
}

impl Starter<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.kyc);
        clean_of_settings(&mut command);
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.current_dir(self.folder).args(args).envs(settings);
        command
    }

    /// Starts a program that runs until its input ends.
    fn start(&self, name: &str, args: &[&str]) -> Result<Child> {
        let log = File::create(self.folder.join(format!("{name}.log")))?;
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        command
            .spawn()
            .with_context(|| format!("cannot start {name}"))
    }

    /// Runs a command to its end, and returns what it prints.
    fn output(&self, args: &[&str]) -> Result<String> {
        let mut command = self.command(args);
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output();
        let output = output.with_context(|| format!("cannot run {}", self.kyc.display()))?;
        ensure!(output.status.success(), "kyc {} failed", args.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn first_line(program: &mut Child) -> Result<Value> {
    let out = program.stdout.take().context("the program has no output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    serde_json::from_str(&line).context("a program of the service did not start: see its log")
}
