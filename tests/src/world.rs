//! The world of one test.

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

/// The only API token that a world's sandbox accepts.
pub const TOKEN: &str = "token-of-the-tests-31c9e5";

/// The size of images where it does not matter.
const SMALL_IMAGES: usize = 4_000;

/// Redis, a sandbox, keys and a folder. Children get the settings as environment variables, and no other configuration.
pub struct World {
    settings: BTreeMap<String, String>,
    /// Environment variables that are no settings.
    variables: BTreeMap<String, String>,
    keys: String,
    radius: Radius,
    redis: PrivateRedis,
    dir: TempDir,
}

impl World {
    /// Makes a world whose sandbox has the default configuration and sends small images.
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// Makes a world whose sandbox has this configuration. The world sets the token and the size of images.
    ///
    /// # Panics
    /// When the sandbox cannot listen.
    pub async fn with(config: Config) -> Self {
        Self::around(Self::sandbox_of(SMALL_IMAGES, config).await, false)
    }

    /// Makes a world with the default configuration and images of about `bytes`.
    ///
    /// # Panics
    /// When the sandbox cannot listen.
    pub async fn with_images_of(bytes: usize) -> Self {
        Self::around(Self::sandbox_of(bytes, Config::default()).await, false)
    }

    /// Like [`World::with`], but Redis writes to disk before it answers, so that it loses nothing when it is killed.
    ///
    /// # Panics
    /// When the sandbox cannot listen.
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

    /// Makes a world without a sandbox. A provider may or may not listen at `url`.
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
            variables: BTreeMap::new(),
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
            ("allow_sandbox", "true"),
            ("keys", &keys),
            ("blob_url", &blobs),
            // A test has no power cut.
            ("fsync", "false"),
        ] {
            world.set(key, value);
        }
        world
    }

    /// Adds a setting for all later children.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.insert(key.to_owned(), value.to_owned());
    }

    /// Adds an environment variable that is no setting for all later children.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Removes a setting for all later children.
    pub fn unset(&mut self, key: &str) {
        self.settings.remove(key);
    }

    /// Returns the value of a setting, or an empty string.
    pub fn setting(&self, key: &str) -> &str {
        self.settings.get(key).map_or("", String::as_str)
    }

    /// Returns the folder that holds everything.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Keeps the folder when the world is dropped, so that a person can inspect it.
    pub fn keep(&mut self) {
        self.dir.disable_cleanup(true);
    }

    /// Returns the keys of the children, as the setting `keys`.
    pub fn keys(&self) -> &str {
        &self.keys
    }

    /// Returns the folder of sealed images.
    pub fn blobs(&self) -> PathBuf {
        self.dir().join("blobs")
    }

    /// Returns the folder of Redis' files.
    pub fn redis_dir(&self) -> &Path {
        self.redis.dir()
    }

    /// Returns a vault with the keys of the children.
    ///
    /// # Panics
    /// Never: the world generated the keys.
    pub fn vault(&self) -> Vault {
        Vault::new(Keyring::parse(&self.keys).expect("the keys were just made"))
    }

    /// Returns the server, which can be killed, frozen and restarted.
    pub fn redis_server(&mut self) -> &mut PrivateRedis {
        &mut self.redis
    }

    /// Returns the counts of the sandbox in this process.
    pub fn stats(&self) -> Stats {
        self.radius.stats()
    }

    /// Returns the sandbox, whose answers can be changed.
    ///
    /// # Panics
    /// When the sandbox runs in another process.
    pub fn sandbox(&self) -> &Sandbox {
        self.radius.sandbox()
    }

    /// Returns the number of calls that have arrived at the sandbox for a job's number.
    pub fn calls(&self, job: &Job) -> u64 {
        self.stats()
            .calls
            .get(&job.in_ledger())
            .copied()
            .unwrap_or_default()
    }

    /// Returns the URL of the provider.
    pub fn radius_url(&self) -> String {
        self.radius.url()
    }

    /// Returns the folder with the logs of all programs.
    pub fn logs(&self) -> PathBuf {
        self.dir().join("logs")
    }
}

impl Drop for World {
    /// Prints the logs of all programs when a test fails. Logs hold no personal data.
    #[expect(clippy::print_stderr, reason = "a failing test shows the logs")]
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
