//! The requests of the front page and of the API's page, as they stand there, against a real server and a real worker.

use std::{fs, process::Stdio};

use kyc_tests::{Program, Ran, World};
use tokio::process::Command;

use crate::{
    assess::shell,
    producers::{Language, program},
    readme::blocks,
};

/// The address on the page.
const SHOWN: &str = "http://127.0.0.1:8080";

/// A worker, and a server with the public key alone.
struct Served {
    world: World,
    address: String,
    _programs: [Program; 2],
}

impl Served {
    async fn start() -> Self {
        let world = World::new().await;
        let worker = world.worker("worker", &[]).await;
        let public = world.run(["keys", "public"]).await.good();
        let mut command = world.kyc(["--json", "serve", "--until-stdin-ends"]);
        for (name, value) in [
            ("KYC_SERVE_LISTEN", "127.0.0.1:0"),
            ("KYC_KEYS", ""),
            ("KYC_PUBLIC_KEY", public.trim()),
        ] {
            command.env(name, value);
        }
        let mut server = world.start("server", command.stdout(Stdio::piped()));
        let line: serde_json::Value = serde_json::from_str(&server.first_line().await).unwrap();
        let address = line["address"].as_str().unwrap().to_owned();
        Self {
            world,
            address,
            _programs: [worker, server],
        }
    }

    /// Returns the example of these pages that contains this text, with the address of the server.
    fn example(&self, text: &str) -> String {
        let pages = [
            ("README.md", "### Over HTTP"),
            ("crates/gateway/README.md", "## In JavaScript"),
        ];
        let examples = pages.map(|(page, heading)| blocks(page, heading));
        let found = examples.iter().flatten();
        let found = found.into_iter().find(|block| block.contains(text));
        found.unwrap().replace(SHOWN, &self.address)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_of_the_front_page_shows_a_verdict() {
    let served = Served::start().await;
    let request = served.example("curl");
    let told = shell(&served.world, &request).await.good();
    assert!(told.contains(r#""verdict":"found""#), "{told}");
}

/// Runs the program of a language. A second run with the same idempotency key shows the same verification.
async fn example_in(language: Language, text: &str, expected: &str) {
    let Some(program) = program(&language) else {
        return;
    };
    let served = Served::start().await;
    let words = ["keys", "api", "create", "--tenant", "default"];
    let roles = ["--role", "submit,read"];
    let key = served.world.run(words.iter().chain(&roles)).await.good();
    let file = format!("example.{}", language.extension);
    fs::write(served.world.dir().join(&file), served.example(text)).unwrap();
    for _ in 0..2 {
        let mut command = Command::new(&program);
        command.arg(&file).current_dir(served.world.dir());
        command.env("KEY", key.trim()).kill_on_drop(true);
        let told = Ran::of(&mut command).await.good();
        assert_eq!(told.trim(), expected);
    }
    let queue = served.world.queue().await;
    assert_eq!(served.world.published(&queue).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_in_python_shows_a_verdict() {
    let python = Language {
        name: "Python",
        variable: "KYC_PYTHON",
        extension: "py",
        is_certain: true,
    };
    example_in(python, "import json", "loan-2 completed no_match").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_in_javascript_shows_a_verdict() {
    let node = Language {
        name: "JavaScript",
        variable: "KYC_NODE",
        extension: "mjs",
        is_certain: true,
    };
    example_in(node, "const api", "loan-3 completed no_match").await;
}
