//! The handle of a queue: its connection, keys and the few operations that need no script.

use std::{collections::BTreeMap, sync::Arc};

use kyc_vault::Vault;
use redis::{FromRedisValue, Script, ScriptInvocation};

use crate::{
    Config, Error,
    connection::Connection,
    enqueue::together::Together,
    index::{At, Index, keys::IndexKeys},
    script,
};

/// A queue on a Redis server. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Queue {
    inner: Arc<Inner>,
}

struct Inner {
    link: Connection,
    config: Config,
    prefix: String,
    vault: Vault,
    index: Index,
    together: Together,
}

impl Queue {
    /// Connects, and checks that the vault opens this queue. A vault without keys that open is enough to operate the queue, but
    /// not to enqueue jobs or to open them.
    pub async fn connect(config: Config, vault: Vault) -> Result<Self, Error> {
        let config = config.bounded();
        let prefix = config.prefix();
        let address = config.address()?;
        let mut redis = Connection::open(address, &prefix, config.allow_plaintext).await?;
        script::load(&mut redis).await?;
        let index = Index::of(At {
            redis: &mut redis,
            prefix: &prefix,
            vault: &vault,
        })
        .await?;
        Ok(Self {
            inner: Arc::new(Inner {
                link: redis,
                config,
                prefix,
                vault,
                index,
                together: Together::default(),
            }),
        })
    }

    /// Checks that Redis answers.
    pub async fn ping(&self) -> Result<(), Error> {
        redis::cmd("PING")
            .exec_async(&mut self.connection())
            .await?;
        Ok(())
    }

    /// Returns a section of `INFO`, by the names of its lines `name:value`.
    pub async fn info(&self, section: &str) -> Result<BTreeMap<String, String>, Error> {
        let text: String = redis::cmd("INFO")
            .arg(section)
            .query_async(&mut self.connection())
            .await?;
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Ok(pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    /// Returns Redis' time.
    pub async fn now(&self) -> Result<jiff::Timestamp, Error> {
        Ok(jiff::Timestamp::from_millisecond(self.now_ms().await?).unwrap_or_default())
    }

    /// Returns Redis' time, in milliseconds since 1970.
    pub(crate) async fn now_ms(&self) -> Result<i64, Error> {
        let (seconds, micros): (i64, i64) = redis::cmd("TIME")
            .query_async(&mut self.connection())
            .await?;
        Ok(seconds * 1000 + micros / 1000)
    }

    /// Returns the vault of this queue.
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Returns the keys of the blind indexes that this process goes by.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`] in a process without keys to open with.
    pub(crate) fn index(&self) -> Result<Arc<IndexKeys>, Error> {
        self.inner.index.get()
    }

    /// Returns the keys of the blind indexes that the queue has now.
    pub(crate) async fn current_index(&self) -> Result<Arc<IndexKeys>, Error> {
        let own = self.index()?;
        let mut ask = redis::cmd("GET");
        ask.arg(self.key("index-id"));
        let state: Option<String> = ask.query_async(&mut self.connection()).await?;
        if state.as_deref() == Some(own.state()) {
            return Ok(own);
        }
        self.renew_index().await?;
        self.index()
    }

    /// Takes the keys of the blind indexes that the queue has now: after a rotation, or after Redis was emptied or restored to
    /// an older state. The first process stores its key in an empty one, and the others take it.
    pub(crate) async fn renew_index(&self) -> Result<(), Error> {
        let mut redis = self.connection();
        self.inner.index.renew(self.at(&mut redis)).await
    }

    /// Makes a new key of the blind indexes. New jobs are indexed by it, and jobs that were indexed by older ones are still
    /// found: by number, by reference and by idempotency key. Workers notice with the next job that they accept or complete.
    /// Returns the ids of all keys, the newest first.
    pub async fn rotate_index(&self) -> Result<Vec<String>, Error> {
        let mut redis = self.connection();
        let keys = self.inner.index.rotate(self.at(&mut redis)).await?;
        Ok(keys.all().map(|key| key.id().to_owned()).collect())
    }

    /// Drops the older ones of these keys that are not used. Returns their ids.
    pub(crate) async fn drop_index_keys(
        &self,
        known: &IndexKeys,
        is_used: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, Error> {
        let mut redis = self.connection();
        let at = self.at(&mut redis);
        self.inner.index.drop_unused(at, known, is_used).await
    }

    pub(crate) fn at<'a>(&'a self, redis: &'a mut Connection) -> At<'a> {
        At {
            redis,
            prefix: self.prefix(),
            vault: self.vault(),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn together(&self) -> &Together {
        &self.inner.together
    }

    pub(crate) fn connection(&self) -> Connection {
        self.inner.link.clone()
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.inner.prefix
    }

    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.inner.prefix)
    }

    /// Runs a script on this queue's keys.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        arguments: impl FnOnce(&mut ScriptInvocation<'_>),
    ) -> Result<T, Error> {
        self.run_on(&mut self.connection(), script, arguments).await
    }

    /// Runs a script over this connection.
    pub(crate) async fn run_on<T: FromRedisValue>(
        &self,
        redis: &mut Connection,
        script: &Script,
        arguments: impl FnOnce(&mut ScriptInvocation<'_>),
    ) -> Result<T, Error> {
        let mut call = script.prepare_invoke();
        call.key(&self.inner.prefix);
        arguments(&mut call);
        Ok(call.invoke_async(redis).await?)
    }
}
