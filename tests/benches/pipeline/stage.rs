//! The environment of all measurements: a sandbox in a separate process, a Redis and a folder.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kyc_kinds::Rules;
use kyc_queue::{Config, Daily, Limits, Queue};
use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_vault::{Keyring, Vault};

use crate::arguments::Limited;

/// The environment of a measurement.
pub(crate) struct Stage {
    redis: PrivateRedis,
    sandbox: Kyc,
    keys: String,
    pub radius_url: String,
    pub dir: tempfile::TempDir,
    pub fsync: bool,
}

/// The behaviour of the provider, and the place of the images.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    /// The approximate size of a decoded image.
    pub image_bytes: usize,
    pub latency: Duration,
    /// Slashes in base64 are escaped, as in PHP.
    pub as_php: bool,
    /// Images are synchronised to the disk. Otherwise they stay in memory.
    pub fsync: bool,
}

/// A `kyc` process. It ends when this value is dropped.
pub(crate) struct Kyc(Child);

impl Kyc {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Stops it by closing its standard input, and waits.
    pub(crate) fn stop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Kyc {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    pub(crate) fn set(scene: Scene) -> Self {
        let dir = folder(scene.fsync).expect("a folder for temporary files");
        let binary = variable("KYC_REDIS_SERVER").map(PathBuf::from);
        let options = Options {
            binary,
            append_only: scene.fsync,
            ..Options::default()
        };
        let redis =
            PrivateRedis::start(options).expect("a redis-server: cargo xtask bench installs one");
        let style: &[&str] = if scene.as_php {
            &["--escaped-slashes"]
        } else {
            &[]
        };
        let mut child = Command::new(program())
            .args([
                "--json",
                "sandbox",
                "--listen",
                "127.0.0.1:0",
                "--no-compression",
                "--until-stdin-ends",
            ])
            .args([
                "--image-bytes",
                &scene.image_bytes.to_string(),
                "--latency",
                &scene.latency.as_millis().to_string(),
            ])
            .args(style)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("kyc sandbox starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output is piped");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("it announces its address");
        let said: serde_json::Value = serde_json::from_str(&line).expect("as JSON");
        let radius_url = said["radius_url"].as_str().unwrap_or_default().to_owned();
        let keys = Keyring::generate("bench").expect("a key");
        Self {
            redis,
            sandbox: Kyc(child),
            keys,
            radius_url,
            dir,
            fsync: scene.fsync,
        }
    }

    pub(crate) fn redis_pid(&self) -> u32 {
        self.redis.pid()
    }

    pub(crate) async fn queue(&self) -> Queue {
        let vault = Vault::new(Keyring::parse(&self.keys).expect("the key just made"));
        Queue::connect(Config::new(self.redis.url()), vault)
            .await
            .expect("the private Redis answers")
    }

    /// Sets limits that are never reached. Their cost is part of the whole job.
    pub(crate) async fn limit(&self, queue: &Queue, limited: Limited) {
        let limits = match limited {
            Limited::No => return,
            Limited::Counted => Limits {
                daily: Some(Daily {
                    calls: 100_000_000,
                    zone: "Africa/Lagos".to_owned(),
                }),
                in_flight: Some(1_000_000),
                ..Limits::default()
            },
            Limited::Paced => Limits {
                rate: Some("100000/s".parse().expect("a rate")),
                ..Limits::default()
            },
        };
        for scope in ["bvn", "account"] {
            queue
                .set_limits(scope, &limits)
                .await
                .expect("the private Redis answers");
        }
    }

    /// Enqueues `jobs` jobs, and returns the rate.
    pub(crate) async fn enqueue(&self, queue: &Queue, jobs: usize) -> f64 {
        let requests: Vec<_> = (0..jobs)
            .map(|number| {
                let job = format!(r#"{{"kind":"bvn","bvn":"{}"}}"#, plain_number(number));
                kyc_kinds::parse(job.as_bytes(), Rules::default()).expect("a job")
            })
            .collect();
        let started = Instant::now();
        for answer in queue.enqueue_all(&requests).await {
            answer.expect("accepted");
        }
        jobs as f64 / started.elapsed().as_secs_f64()
    }

    /// Starts the measured worker, with its log and its metrics.
    pub(crate) fn worker(&self, concurrency: usize) -> Kyc {
        self.worker_by(Command::new, concurrency)
    }

    /// Starts the measured worker through another command.
    pub(crate) fn worker_by(
        &self,
        start: impl FnOnce(PathBuf) -> Command,
        concurrency: usize,
    ) -> Kyc {
        let blobs = format!("file://{}", self.dir.path().join("pipeline").display());
        let child = start(program())
            .args([
                "work",
                "--until-stdin-ends",
                "--concurrency",
                &concurrency.to_string(),
            ])
            .env("KYC_REDIS_URL", self.redis.url())
            .env("KYC_RADIUS_URL", &self.radius_url)
            .env("KYC_RADIUS_TOKEN", "bench")
            .env("KYC_ALLOW_SANDBOX", "true")
            .env("KYC_KEYS", &self.keys)
            .env("KYC_BLOB_URL", blobs)
            .env("KYC_FSYNC", self.fsync.to_string())
            .env("KYC_PROBE_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::piped())
            .stderr(log(self.dir.path()))
            .spawn();
        Kyc(child.expect("kyc work starts"))
    }

    /// Removes the images, so that the next measurement begins with the same free memory.
    pub(crate) fn clear(&self) {
        if !self.fsync {
            // The folder may not exist.
            let _ = std::fs::remove_dir_all(self.dir.path().join("pipeline"));
        }
    }

    pub(crate) async fn count(&self, queue: &Queue) -> u64 {
        queue
            .depths(&[])
            .await
            .expect("the private Redis answers")
            .completed
    }

    /// Waits until `jobs` jobs have completed.
    pub(crate) async fn completed(&self, queue: &Queue, jobs: usize) {
        let patience = Instant::now() + Duration::from_secs(300);
        while self.count(queue).await < jobs as u64 {
            assert!(
                Instant::now() < patience,
                "the worker does not come to an end; see its log"
            );
            assert!(self.sandbox.pid() > 0);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Makes the folder: in memory, unless the disk is measured.
fn folder(disk: bool) -> std::io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    if disk || !memory.is_dir() {
        return tempfile::tempdir();
    }
    tempfile::tempdir_in(memory)
}

/// Returns a number with a record.
pub(crate) fn plain_number(position: usize) -> String {
    format!("{:08}000", 22_000_000 + position)
}

fn log(dir: &Path) -> std::fs::File {
    std::fs::File::create(dir.join("worker.log")).expect("a log file")
}

fn program() -> PathBuf {
    variable("KYC_BIN").map_or_else(
        || {
            let own = std::env::current_exe().expect("the program's own path");
            let profile = own
                .ancestors()
                .nth(2)
                .expect("benches lie in target/<profile>/deps");
            profile.join("kyc")
        },
        PathBuf::from,
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo xtask names its programs in environment variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
