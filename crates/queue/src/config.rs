//! Configuration of a queue: its address, and how long finished jobs are retained.

use std::{fmt, time::Duration};

use crate::{
    Error, KeyRecords, Reuse, Tls,
    connection::Address,
    units::{bounded, bounded_count},
};

/// The configuration of a queue. A duration of more than 100 years counts as 100 years, and a number of entries of more
/// than 2³¹ − 1 as that. `Debug` does not show the address, which may contain a password.
#[derive(Clone)]
pub struct Config {
    /// `redis://[user:password@]host[:port][/database]`, or `rediss://` over TLS: a single server,
    /// or any node of a Redis Cluster, which is detected automatically. Several nodes, separated by
    /// commas, are alternatives: `redis://user:password@host:7000,host2:7000`.
    ///
    /// `redis+sentinel://[user:password@]host[:26379],host2[:26379]/master[/database]`, or
    /// `rediss+sentinel://` over TLS: the master with that name, as these Sentinels know it. User
    /// and password are those of the master. If the Sentinels require credentials too, add them as
    /// `?sentinel_username=…&sentinel_password=…`.
    pub url: String,
    /// The queue's name. Its keys begin with `{name}:`, so several queues can share one Redis.
    pub namespace: String,
    /// How long a completed job and its idempotency key are retained.
    pub keep_completed: Duration,
    /// How long a dead job is retained.
    pub keep_dead: Duration,
    /// How long a job may wait, from its acceptance or from when a person retried it dead. Then it ends as dead.
    pub keep_waiting: Duration,
    /// How long an answer that could not be read is retained with a job that has ended.
    pub keep_unreadable: Duration,
    /// The approximate number of entries that the streams of results and of rejected jobs retain.
    pub keep_results: usize,
    /// How long answers of the provider may be reused for jobs that this process accepts.
    pub reuse: Reuse,
    /// Certificates for TLS.
    pub tls: Tls,
    /// Whether servers on other machines are used without TLS, also those that a cluster, a Sentinel or a replica names
    /// later. Default: false.
    pub allow_plaintext: bool,
    /// Where key records are: with their jobs, or in a store of their own.
    pub key_records: KeyRecords,
}

impl Config {
    /// Returns the default configuration for this Redis.
    pub fn new(url: impl Into<String>) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            url: url.into(),
            namespace: "kyc".to_owned(),
            keep_completed: 7 * DAY,
            keep_dead: 30 * DAY,
            keep_waiting: 30 * DAY,
            keep_unreadable: 7 * DAY,
            keep_results: 1_000_000,
            reuse: Reuse::default(),
            tls: Tls::default(),
            allow_plaintext: false,
            key_records: KeyRecords::default(),
        }
    }

    /// Brings every value within what Redis can represent.
    #[must_use]
    pub(crate) fn bounded(self) -> Self {
        Self {
            keep_completed: bounded(self.keep_completed),
            keep_dead: bounded(self.keep_dead),
            keep_unreadable: bounded(self.keep_unreadable),
            keep_results: bounded_count(self.keep_results),
            ..self
        }
    }

    /// Returns the prefix of all keys of the queue. The braces are a hash tag: all keys lie in one
    /// slot.
    pub(crate) fn prefix(&self) -> String {
        format!("{{{}}}", self.namespace)
    }

    pub(crate) fn address(&self) -> Result<Address, Error> {
        Address::parse(&self.url)
            .ok_or(Error::BadUrl)?
            .over(&self.tls)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
