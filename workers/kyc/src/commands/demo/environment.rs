//! The processes of the demo: a sandbox with a private Redis, two workers, and a server of the HTTP API. Each ends when its standard input ends, so
//! none outlives the demo.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use kyc_gateway::NewKey;
use kyc_queue::Role;
use kyc_vault::Keyring;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use zeroize::Zeroizing;

use crate::{
    commands::private,
    settings::{Layers, SETTINGS, Settings},
};

/// The running processes of the demo, and how to reach them.
pub(crate) struct Environment {
    pub settings: Settings,
    pub radius_url: String,
    pub dir: PathBuf,
    config: PathBuf,
    sandbox: Child,
    workers: Vec<Child>,
    server: Child,
    /// The address of the HTTP API, and a key for it.
    pub api: (String, Zeroizing<String>),
}

/// The line that the sandbox prints when it is ready.
#[derive(Deserialize)]
struct Announced {
    radius_url: String,
    redis_url: String,
}

/// The line that the server prints when it is ready.
#[derive(Deserialize)]
struct Served {
    address: String,
}

impl Environment {
    /// Starts all processes with these variables.
    pub(crate) async fn set(dir: &Path, variables: &[(&str, String)]) -> Result<Self> {
        let mut sandbox = kyc(dir, "sandbox", variables)?
            .args([
                "--json",
                "sandbox",
                "--listen",
                "127.0.0.1:0",
                "--latency",
                "40",
            ])
            .args(["--until-stdin-ends", "--with-redis"])
            .arg(dir.join("redis"))
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the sandbox")?;
        let announced: Announced = first_line(&mut sandbox)
            .await
            .with_context(|| last_words(dir, "sandbox"))?;
        eprintln!(
            "Redis listens at {}, a sandbox of Radius at {}",
            announced.redis_url, announced.radius_url
        );

        let config = dir.join("kyc.toml");
        private::write(&config, configuration(dir, &announced)?.as_bytes())?;
        eprintln!(
            "Generated keys for this demo only: they are in {}",
            config.display()
        );
        let settings = Settings::load(Layers::of_file(&config));

        let mut server = kyc(dir, "server", variables)?
            .kill_on_drop(true)
            .args(["--json", "serve", "--until-stdin-ends"])
            .args(["--set", "serve_listen=127.0.0.1:0"])
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let served: Served = first_line(&mut server)
            .await
            .with_context(|| last_words(dir, "server"))?;
        eprintln!("The HTTP API is served at {}", served.address);
        let key = api_key(&settings).await?;

        let mut workers = Vec::new();
        for name in ["worker-1", "worker-2"] {
            let worker = kyc(dir, name, variables)?
                .kill_on_drop(true)
                .args(["work", "--until-stdin-ends", "--name", name])
                .arg("--config")
                .arg(&config)
                .stdout(Stdio::null())
                .spawn()
                .with_context(|| format!("cannot start {name}"))?;
            eprintln!(
                "Started {name} (process {})",
                worker.id().unwrap_or_default()
            );
            workers.push(worker);
        }
        let dir = dir.to_owned();
        Ok(Self {
            settings,
            server,
            api: (served.address, key),
            radius_url: announced.radius_url,
            dir,
            config,
            sandbox,
            workers,
        })
    }

    /// Returns commands to try in another terminal.
    pub(crate) fn commands(&self) -> Vec<String> {
        let config = self.config.display();
        let kyc = std::env::current_exe()
            .map_or_else(|_| "kyc".to_owned(), |kyc| kyc.display().to_string());
        [
            "enqueue bvn 22212345061 --wait".to_owned(),
            "queue stats".to_owned(),
            "results --follow".to_owned(),
            format!("images ID --out {}", self.dir.join("images").display()),
        ]
        .map(|words| format!("{kyc} --config {config} {words}"))
        .into()
    }

    /// Returns a request to the HTTP API that shows a verdict.
    pub(crate) fn request(&self) -> String {
        let (address, key) = &self.api;
        format!(
            "curl -s '{address}/v1/verifications?wait=30s' -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \
             -d '{{\"kind\": \"bvn\", \"bvn\": \"22212345061\"}}'",
            **key
        )
    }

    /// Ends all processes. The server and the workers end first, and finish what is under way.
    pub(crate) async fn clear(&mut self) {
        drop(self.server.stdin.take());
        for worker in &mut self.workers {
            drop(worker.stdin.take());
        }
        end(&mut self.server).await;
        for worker in &mut self.workers {
            end(worker).await;
        }
        drop(self.sandbox.stdin.take());
        end(&mut self.sandbox).await;
    }
}

/// Makes an API key of the tenant `default`.
async fn api_key(settings: &Settings) -> Result<Zeroizing<String>> {
    let new = NewKey {
        tenant: Some("default".to_owned()),
        roles: vec![Role::Submit, Role::Read, Role::Reveal],
        note: "made by kyc demo".to_owned(),
        ..NewKey::default()
    };
    let (token, _) = new.create(&settings.connect().await?).await?;
    Ok(token.expose())
}

/// Returns a command that runs this program, with its log in a file. It runs in its own process group, because the
/// terminal's Ctrl-C is meant for the demo, which ends the others in order. It is not killed on drop: a killed sandbox would
/// leave its Redis running, and it ends by itself once its input ends.
fn kyc(dir: &Path, name: &str, variables: &[(&str, String)]) -> Result<Command> {
    let program = std::env::current_exe().context("cannot find the kyc program")?;
    let log = std::fs::File::create(dir.join(format!("{name}.log")))?;
    let mut command = Command::new(program);
    command
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stderr(log)
        .process_group(0);
    // The caller's own settings are meant for another queue.
    for setting in SETTINGS {
        command.env_remove(format!("KYC_{}", setting.key.to_uppercase()));
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    Ok(command)
}

/// Returns what a program prints as its first line.
async fn first_line<T: DeserializeOwned>(program: &mut Child) -> Result<T> {
    let out = program.stdout.take().context("the program has no output")?;
    let mut line = String::new();
    let mut out = BufReader::new(out);
    let reading = out.read_line(&mut line);
    tokio::time::timeout(Duration::from_secs(30), reading).await??;
    Ok(serde_json::from_str(&line)?)
}

/// Returns an error sentence with the last line of the program's log.
fn last_words(dir: &Path, name: &str) -> String {
    let log = std::fs::read_to_string(dir.join(format!("{name}.log"))).unwrap_or_default();
    let last = log.lines().last().unwrap_or("its log is empty").to_owned();
    format!("the {name} did not start: {last}")
}

fn configuration(dir: &Path, announced: &Announced) -> Result<String> {
    let blobs = url::Url::from_file_path(dir.join("blobs"))
        .map_err(|()| anyhow::anyhow!("{} is not an absolute path", dir.display()))?;
    Ok(format!(
        "# Made by kyc demo. The keys seal made-up people only.\n\
         redis_url = \"{}\"\nradius_url = \"{}\"\nradius_token = \"demo\"\nallow_sandbox = true\nblob_url = \"{blobs}\"\nkeys = \"{}\"\n",
        announced.redis_url,
        announced.radius_url,
        Keyring::generate("demo")?,
    ))
}

async fn end(child: &mut Child) {
    if ends_within(child, Duration::from_secs(30)).await {
        return;
    }
    // A process that misses the end of its input may still handle SIGTERM; a sandbox then stops its Redis too.
    if let Some(process) = child.id() {
        let _ = Command::new("kill").arg(process.to_string()).status().await;
    }
    if !ends_within(child, Duration::from_secs(5)).await {
        let _ = child.kill().await;
    }
}

async fn ends_within(child: &mut Child, time: Duration) -> bool {
    tokio::time::timeout(time, child.wait()).await.is_ok()
}
