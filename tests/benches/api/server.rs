//! The servers that are measured, as processes of their own.

use std::process::Stdio;

use kyc_tests::{Program, World};
use serde_json::Value;
use tokio::process::Command;

use crate::bare;

/// A running server.
pub(crate) struct Server {
    pub(crate) program: Program,
    pub(crate) address: String,
}

impl Server {
    /// Starts `kyc serve`, with the public key alone; of another build if one is given.
    pub(crate) async fn api(world: &World, other: Option<&str>) -> Self {
        let public = world.run(["keys", "public"]).await.good();
        let words = ["--json", "serve", "--until-stdin-ends"];
        let mut command = world.kyc(words);
        if let Some(other) = other {
            let mut of_other = Command::new(other);
            let variables = command.as_std().get_envs();
            let variables = variables.filter_map(|(name, value)| Some((name, value?)));
            of_other.args(words).env_clear().envs(variables);
            command = of_other;
        }
        for (name, value) in [
            ("KYC_SERVE_LISTEN", "127.0.0.1:0"),
            ("KYC_KEYS", ""),
            ("KYC_PUBLIC_KEY", public.trim()),
        ] {
            command.env(name, value);
        }
        let name = if other.is_some() { "before" } else { "api" };
        let mut program = world.start(name, command.stdout(Stdio::piped()));
        let line: Value = serde_json::from_str(&program.first_line().await).expect("JSON");
        let address = line["address"].as_str().expect("an address").to_owned();
        Self { program, address }
    }

    /// Starts the bare server, which adds `size` bytes for each request.
    pub(crate) async fn bare(world: &World, size: usize) -> Self {
        let own = std::env::current_exe().expect("the program's own path");
        let mut command = Command::new(own);
        command.arg(bare::ROLE).arg(world.setting("redis_url"));
        command.arg(size.to_string()).stdout(Stdio::piped());
        let mut program = world.start("bare", &mut command);
        let address = program.first_line().await.trim().to_owned();
        Self { program, address }
    }
}

/// Makes an API key with a rate that is never reached.
pub(crate) async fn key(world: &World, tenant: &str) -> String {
    let words = ["keys", "api", "create", "--tenant", tenant];
    let rest = ["--role", "submit,read", "--rate", "1000000"];
    let ran = world.run(words.iter().chain(&rest)).await;
    ran.good().trim().to_owned()
}
