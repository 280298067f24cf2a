//! The programs of a world: `kyc` in its roles, with no settings but the world's.

use std::{ffi::OsStr, process::Stdio};

use tokio::process::Command;

use super::World;
use crate::{Program, Ran, eventually, kyc_program, process::variable, radius::Radius};

const SANDBOX: [&str; 7] = [
    "--json",
    "sandbox",
    "--listen",
    "127.0.0.1:0",
    "--until-stdin-ends",
    "--image-bytes",
    "4000",
];

impl World {
    /// Returns a command that runs `kyc` in this world.
    pub fn kyc<I: IntoIterator<Item: AsRef<OsStr>>>(&self, args: I) -> Command {
        let mut command = Command::new(kyc_program());
        command
            .args(args)
            .current_dir(self.dir())
            .env_clear()
            .stdin(Stdio::null())
            .kill_on_drop(true);
        for name in ["PATH", "TMPDIR"] {
            if let Some(value) = variable(name) {
                command.env(name, value);
            }
        }
        for (key, value) in &self.settings {
            command.env(format!("KYC_{}", key.to_uppercase()), value);
        }
        command.envs(&self.variables);
        command
    }

    /// Runs `kyc` with these arguments until it ends.
    pub async fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, args: I) -> Ran {
        Ran::of(&mut self.kyc(args)).await
    }

    /// Starts a program of this world. Its log is in the folder of logs.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(&self, name: &str, command: &mut Command) -> Program {
        std::fs::create_dir_all(self.logs()).expect("a folder can be made");
        Program::start(command, self.logs().join(format!("{name}.log")))
    }

    /// Starts a sandbox as a separate process. All later children call it.
    ///
    /// # Panics
    /// When it does not announce its address.
    pub async fn start_sandbox(&mut self) -> Program {
        let mut command = self.kyc(SANDBOX);
        let mut sandbox = self.start("sandbox", command.stdout(Stdio::piped()));
        let line = sandbox.first_line().await;
        let said: serde_json::Value =
            serde_json::from_str(&line).expect("a sandbox announces itself as JSON");
        let url = said["radius_url"]
            .as_str()
            .expect("a sandbox announces its address");
        self.set("radius_url", url);
        self.radius = Radius::At(url.to_owned());
        sandbox
    }

    /// Starts a worker with additional settings, and waits until it has started.
    pub async fn worker(&self, name: &str, settings: &[(&str, &str)]) -> Program {
        let mut command = self.kyc(["work", "--until-stdin-ends", "--name", name]);
        for (key, value) in settings {
            command.env(format!("KYC_{}", key.to_uppercase()), value);
        }
        let worker = self.start(name, &mut command);
        eventually("the worker starts", async || {
            worker.log().contains("Worker started").then_some(())
        })
        .await;
        worker
    }
}
