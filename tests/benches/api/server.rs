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
    /// Starts `kyc serve`, with the public key alone.
    pub(crate) async fn api(world: &World) -> Self {
        let public = world.run(["keys", "public"]).await.good();
        let mut command = world.kyc(["--json", "serve", "--until-stdin-ends"]);
        for (name, value) in [
            ("KYC_SERVE_LISTEN", "127.0.0.1:0"),
            ("KYC_KEYS", ""),
            ("KYC_PUBLIC_KEY", public.trim()),
        ] {
            command.env(name, value);
        }
        let mut program = world.start("api", command.stdout(Stdio::piped()));
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
