//! One test's world.

mod children;
mod queue;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use kyc_sandbox::{
    Config, Sandbox, Stats,
    redis::{Options, PrivateRedis},
};
use kyc_vault::{Keyring, Vault};
use tempfile::TempDir;

use crate::{Job, process::redis_program, radius::Radius};

/// The only API token that a world's sandbox lets in.
pub const TOKEN: &str = "token-of-the-tests-31c9e5";

/// Size of an image where it does not matter.
const SMALL_IMAGES: usize = 4_000;

/// Redis, a sandbox, keys and a folder; children get settings as variables and nothing else.
pub struct World {
    settings: BTreeMap<String, String>,
    keys: String,
    radius: Radius,
    redis: PrivateRedis,
    dir: TempDir,
}

impl World {
    /// A world with an ordinary sandbox that sends small images.
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// A world whose sandbox is configured; its token and the size of its images are the world's.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn with(config: Config) -> Self {
        Self::around(Self::sandbox_of(SMALL_IMAGES, config).await, false)
    }

    /// As [`World::with`], with images of about this many bytes.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn with_images_of(bytes: usize) -> Self {
        Self::around(Self::sandbox_of(bytes, Config::default()).await, false)
    }

    /// As [`World::with`], and what Redis has answered is on disk: killed, it forgets nothing.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn durable(config: Config) -> Self {
        Self::around(Self::sandbox_of(SMALL_IMAGES, config).await, true)
    }

    async fn sandbox_of(image_bytes: usize, config: Config) -> Radius {
        let config = Config {
            api_token: Some(TOKEN.to_owned()),
            image_bytes,
            ..config
        };
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), config).await;
        Radius::Here(sandbox.expect("a sandbox listens on a free port"))
    }

    /// A world without a sandbox; the provider is somewhere else, or nowhere.
    pub fn without_sandbox(url: &str) -> Self {
        Self::around(Radius::At(url.to_owned()), false)
    }

    fn around(radius: Radius, sync_always: bool) -> Self {
        let dir = TempDir::with_prefix("kyc-test-").expect("a folder can be made");
        let redis = PrivateRedis::start(Options {
            binary: redis_program(),
            append_only: true,
            sync_always,
            dir: Some(dir.path().join("redis")),
            ..Options::default()
        });
        let mut world = Self {
            settings: BTreeMap::new(),
            keys: Keyring::generate("test").expect("the id is well formed"),
            radius,
            redis: redis.expect("a redis-server starts: cargo xtask test installs one"),
            dir,
        };
        let (redis, radius, keys) = (world.redis.url(), world.radius.url(), world.keys.clone());
        let blobs = format!("file://{}", world.blobs().display());
        for (key, value) in [
            ("redis_url", redis.as_str()),
            ("radius_url", &radius),
            ("radius_token", TOKEN),
            ("keys", &keys),
            ("blob_url", &blobs),
            // Nobody cuts the power during a test.
            ("fsync", "false"),
        ] {
            world.set(key, value);
        }
        world
    }

    /// Gives all further children this setting.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.insert(key.to_owned(), value.to_owned());
    }

    /// Takes a setting away from all further children.
    pub fn unset(&mut self, key: &str) {
        self.settings.remove(key);
    }

    /// The setting that children get.
    pub fn setting(&self, key: &str) -> &str {
        self.settings.get(key).map_or("", String::as_str)
    }

    /// The folder that everything lies in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Leaves the folder behind when this ends, for a person to look into.
    pub fn keep(&mut self) {
        self.dir.disable_cleanup(true);
    }

    /// What children seal with, as the setting `keys`.
    pub fn keys(&self) -> &str {
        &self.keys
    }

    /// The folder of sealed images.
    pub fn blobs(&self) -> PathBuf {
        self.dir().join("blobs")
    }

    /// The folder of Redis' own files.
    pub fn redis_dir(&self) -> &Path {
        self.redis.dir()
    }

    /// What children seal with.
    ///
    /// # Panics
    /// Never: the keys are the world's own.
    pub fn vault(&self) -> Vault {
        Vault::new(Keyring::parse(&self.keys).expect("the keys were just made"))
    }

    /// The server itself, to be killed, frozen and restarted.
    pub fn redis_server(&mut self) -> &mut PrivateRedis {
        &mut self.redis
    }

    /// What has arrived at the sandbox.
    pub fn stats(&self) -> Stats {
        self.radius.stats()
    }

    /// The sandbox itself, to be troubled and asked.
    ///
    /// # Panics
    /// When it is not of this process.
    pub fn sandbox(&self) -> &Sandbox {
        self.radius.sandbox()
    }

    /// Calls that the sandbox has seen of a job's number.
    pub fn calls(&self, job: &Job) -> u64 {
        self.stats()
            .calls
            .get(&job.in_ledger())
            .copied()
            .unwrap_or_default()
    }

    /// Where the provider is.
    pub fn radius_url(&self) -> String {
        self.radius.url()
    }

    /// The folder of the logs of all programs that were started.
    pub fn logs(&self) -> PathBuf {
        self.dir().join("logs")
    }
}

impl Drop for World {
    /// A test that fails shows what its programs logged; logs hold no person's data.
    #[expect(clippy::print_stderr, reason = "shown by a test that fails")]
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for log in std::fs::read_dir(self.logs())
            .into_iter()
            .flatten()
            .flatten()
        {
            let text = std::fs::read_to_string(log.path()).unwrap_or_default();
            let last: Vec<&str> = text.lines().rev().take(30).collect();
            eprintln!("--- {}", log.path().display());
            for line in last.iter().rev() {
                eprintln!("{line}");
            }
        }
    }
}
