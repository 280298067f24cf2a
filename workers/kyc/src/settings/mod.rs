//! Configuration, read once: `kyc.toml`, then `KYC_*` variables, then flags. Each overrides the one before.

mod blobs;
mod key_records;
mod layers;
mod machine;
mod matching;
mod messages;
mod parse;
mod plaintext;
mod redis;
mod reuse;
mod secrets;
mod serve;
mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

use anyhow::Result;
use kyc_domain::{MatchPolicies, Policy, number::Validation};
use kyc_kinds::{KINDS, Rules};
use kyc_queue::{Accepts, Circuit, Config as QueueConfig, Queue, WorkerConfig};
use kyc_telemetry::{Format, LogConfig, LogError};
use kyc_vault::{Keyring, PublicKey, Vault};
use kyc_verification::{Schedule, Understanding};
use radius_api::{Client, ClientConfig, Reading};
use secrecy::SecretString;

pub(crate) use key_records::KeyStore;
pub(crate) use layers::{Flags, Layers, WrongSetting};
pub(crate) use parse::duration;
pub(crate) use table::SETTINGS;

/// All settings. Each part is parsed when a command needs it, so that no command fails because of a setting that it does not
/// use.
pub(crate) struct Settings(Layers);

impl Settings {
    /// Wraps the layers. Nothing is parsed yet.
    pub(crate) fn load(layers: Layers) -> Self {
        Self(layers)
    }

    /// Starts logging. Must be called once.
    pub(crate) fn start_log(&self) -> Result<(), WrongSetting> {
        let format = match self.0.text("log_format").as_str() {
            "text" => Format::Text,
            "json" => Format::Json,
            _ => return Err(self.0.wrong("log_format", "write text or json")),
        };
        let config = LogConfig {
            format,
            level: self.0.text("log"),
        };
        // The error can repeat a directive.
        let wrong = |error| kyc_telemetry::scrub(&format!("{error}")).into_owned();
        kyc_telemetry::init(&config).map_err(|error: LogError| self.0.wrong("log", &wrong(error)))
    }

    /// Returns the vault of this process: it opens with `keys`, or only seals with `public_key`, or has no key.
    pub(crate) fn vault(&self) -> Result<Vault, WrongSetting> {
        if let Some(keyring) = self.keyring()? {
            return Ok(Vault::new(keyring));
        }
        let Some(text) = self.0.optional("public_key") else {
            return Ok(Vault::without_keys());
        };
        PublicKey::parse(&text)
            .map(|key| Vault::sealing(&key))
            .map_err(|error| self.0.wrong("public_key", &error.to_string()))
    }

    /// Returns the keys that open, if they are set.
    pub(crate) fn keyring(&self) -> Result<Option<Keyring>, WrongSetting> {
        let text = self.0.secret("keys")?;
        let parse = |text: String| {
            Keyring::parse(&text).map_err(|error| self.0.wrong("keys", &error.to_string()))
        };
        text.map(parse).transpose()
    }

    /// Returns the file that the keys come from, if they come from one.
    pub(crate) fn keys_file(&self) -> Option<String> {
        self.0.optional("keys_file")
    }

    /// Returns an error that says how to set the keys, if they are not set.
    pub(crate) fn opening_keys(&self) -> Result<Keyring, WrongSetting> {
        let remedy = "make keys with: kyc keys generate, and set KYC_KEYS or KYC_KEYS_FILE";
        self.keyring()?.ok_or_else(|| self.0.wrong("keys", remedy))
    }

    /// Returns which jobs workers take from the inbox.
    pub(crate) fn inbox(&self) -> Result<Accepts, WrongSetting> {
        match self.0.text("inbox").as_str() {
            "all" => Ok(Accepts::All),
            "sealed-only" => Ok(Accepts::Sealed),
            _ => Err(self.0.wrong("inbox", "write all or sealed-only")),
        }
    }

    /// Returns the configuration of the queue.
    pub(crate) fn queue(&self) -> Result<QueueConfig, WrongSetting> {
        let namespace = self.0.text("namespace");
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if namespace.is_empty() || namespace.len() > 64 || !namespace.bytes().all(allowed) {
            return Err(self
                .0
                .wrong("namespace", "use 1 to 64 letters, digits, - and _"));
        }
        let keep_completed = self.0.parsed("keep_completed", duration)?;
        Ok(QueueConfig {
            url: self.redis_url()?,
            namespace,
            keep_completed,
            reuse: self
                .0
                .parsed("reuse", |text| reuse::reuse(text, keep_completed))?,
            keep_dead: self.0.parsed("keep_dead", duration)?,
            keep_waiting: self.0.parsed("keep_waiting", parse::longest_wait)?,
            keep_unreadable: self.0.parsed("keep_unreadable", duration)?,
            keep_results: self.0.parsed("keep_results", parse::count)?,
            tls: self.redis_tls()?,
            allow_plaintext: self.0.parsed("allow_plaintext", parse::truth)?,
            key_records: self.key_records()?,
        })
    }

    /// Connects to the queue.
    pub(crate) async fn connect(&self) -> Result<Queue> {
        let config = self.queue()?;
        let vault = self.vault()?;
        Queue::connect(config, vault)
            .await
            .map_err(|error| self.not_connected(&error))
    }

    /// Connects to the queue with the keys that open.
    pub(crate) async fn connect_opening(&self) -> Result<Queue> {
        self.opening_keys()?;
        self.connect().await
    }

    /// Builds a client of the provider. Does not connect.
    pub(crate) fn client(&self) -> Result<Client> {
        let wrong = |error| match error {
            radius_api::Error::Config { what, .. } => {
                let (key, remedy) = client_fault(what);
                self.0.wrong(key, &remedy).into()
            }
            error => anyhow::Error::new(error),
        };
        Client::new(self.radius()?).map_err(wrong)
    }

    /// Returns the configuration of the provider's client.
    pub(crate) fn radius(&self) -> Result<ClientConfig, WrongSetting> {
        let url = self.radius_url()?;
        let remedy = "set it to the API token of your account; a sandbox takes any text";
        let token = self
            .0
            .secret("radius_token")?
            .ok_or_else(|| self.0.wrong("radius_token", remedy))?;
        let mut config = ClientConfig::new(url, SecretString::from(token));
        config.connect_timeout = self.0.parsed("connect_timeout", duration)?;
        config.timeout = self.0.parsed("call_timeout", duration)?;
        config.pool_idle_timeout = self.0.parsed("radius_idle_timeout", duration)?;
        config.max_body = self.0.parsed("max_body", parse::bytes)?;
        config.pool_max_idle = self.0.parsed("concurrency", parse::count)?;
        config.max_readers = config.max_readers.max(config.pool_max_idle / 4);
        if let Some(path) = self.0.optional("radius_ca_file") {
            let pem = std::fs::read(&path).map_err(|error| {
                self.0
                    .wrong("radius_ca_file", &format!("it cannot be read: {error}"))
            })?;
            config.extra_roots.push(pem);
        }
        if !config.base_url.starts_with("https://") && !config.base_url.starts_with("http://") {
            return Err(self.0.wrong(
                "radius_url",
                "write it like https://api.example.com/services/v1",
            ));
        }
        if config.timeout <= config.connect_timeout {
            return Err(self
                .0
                .wrong("call_timeout", "make it longer than connect_timeout"));
        }
        Ok(config)
    }

    /// Returns the rules that jobs must follow.
    pub(crate) fn rules(&self) -> Result<Rules, WrongSetting> {
        let validation = match self.0.text("validation").as_str() {
            "strict" => Validation::Strict,
            "lenient" => Validation::Lenient,
            _ => return Err(self.0.wrong("validation", "write strict or lenient")),
        };
        Ok(Rules {
            validation,
            require_consent: self.0.parsed("require_consent", parse::truth)?,
            keep_waiting: Some(self.0.parsed("keep_waiting", parse::longest_wait)?),
        })
    }

    /// Returns the configuration of the worker with this name.
    pub(crate) fn work(&self, name: &str) -> Result<Work, WrongSetting> {
        let policy = Policy {
            max_attempts: self.0.parsed("max_attempts", parse::count)?,
            longest_retry_after: self.0.parsed("longest_retry_after", duration)?,
            first_pause: self.0.parsed("pause_first", duration)?,
            longest_pause: self.0.parsed("pause_longest", duration)?,
            ambiguous_calls: self.0.parsed("ambiguous_calls", parse::ambiguous_calls)?,
            ..Policy::default()
        };
        let circuit = Circuit {
            failures: self.0.parsed("circuit_failures", parse::count_or_none)?,
            window: self.0.parsed("circuit_window", duration)?,
            first_pause: policy.first_pause,
            longest_pause: policy.longest_pause,
        };
        let lease = self.0.parsed("lease", duration)?;
        if lease < Duration::from_millis(500) {
            return Err(self.0.wrong(
                "lease",
                "use at least 500ms: a lease is renewed four times before it expires",
            ));
        }
        Ok(Work {
            worker: WorkerConfig {
                name: name.to_owned(),
                kinds: self.kinds()?,
                image_kinds: kyc_kinds::with_images().collect(),
                concurrency: self.0.parsed("concurrency", parse::count)?,
                lease,
                max_stalls: self.0.parsed("max_stalls", parse::count_or_none)?,
                slot_tolerance: self.0.parsed("slot_tolerance", duration)?,
                circuit,
                ambiguous_calls: policy.ambiguous_calls,
            },
            grace: self.0.parsed("grace", duration)?,
            allow_sandbox: self.allow_sandbox()?,
            check_provider: self.0.parsed("check_provider", parse::truth)?,
            policy,
            schedule: Schedule {
                first: self.0.parsed("retry_first", duration)?,
                longest: self.0.parsed("retry_longest", duration)?,
            },
            understanding: self.understanding(),
            matching: self.matching()?,
        })
    }

    /// Returns whether answers of a sandbox are accepted.
    pub(crate) fn allow_sandbox(&self) -> Result<bool, WrongSetting> {
        self.0.parsed("allow_sandbox", parse::truth)
    }

    /// Returns how answers of the provider are interpreted.
    pub(crate) fn understanding(&self) -> Understanding {
        Understanding {
            messages: messages::read(&self.0),
            reading: Reading::with_success(self.0.texts("success_words")),
        }
    }

    /// Returns what a match requires, by kind.
    pub(crate) fn matching(&self) -> Result<MatchPolicies, WrongSetting> {
        matching::read(&self.0)
    }

    fn kinds(&self) -> Result<Vec<&'static str>, WrongSetting> {
        let text = self.0.text("kinds");
        if text == "all" {
            return Ok(kyc_kinds::names().collect());
        }
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let wrong = || {
            self.0.wrong(
                "kinds",
                &format!("write all, or some of: {}", known.join(", ")),
            )
        };
        let kinds: Option<Vec<_>> = parse::list(&text)
            .iter()
            .map(|name| kyc_kinds::find(name).map(|kind| kind.name))
            .collect();
        kinds.filter(|kinds| !kinds.is_empty()).ok_or_else(wrong)
    }
}

/// Returns the setting that an error of the client is about, and the error without the client's own name for it.
fn client_fault(what: &str) -> (&'static str, String) {
    let names = [
        ("base_url", "radius_url"),
        ("api_token", "radius_token"),
        ("extra_roots", "radius_ca_file"),
    ];
    let about = |(field, key)| Some((key, format!("it{}", what.strip_prefix(field)?)));
    names
        .into_iter()
        .find_map(about)
        .unwrap_or_else(|| ("radius_url", what.to_owned()))
}

/// The configuration of a worker.
pub(crate) struct Work {
    /// How the worker takes jobs.
    pub worker: WorkerConfig,
    /// How long running jobs may take after a signal to stop.
    pub grace: Duration,
    /// Whether answers of a sandbox are accepted.
    pub allow_sandbox: bool,
    /// Whether the worker refuses to start if the provider cannot be reached.
    pub check_provider: bool,
    /// The rules of retrying.
    pub policy: Policy,
    /// The pauses between attempts.
    pub schedule: Schedule,
    /// How answers of the provider are interpreted.
    pub understanding: Understanding,
    /// What a match requires, by kind.
    pub matching: MatchPolicies,
}
