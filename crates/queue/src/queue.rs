//! The handle of a queue: its connection, keys and the few operations that need no script.

use std::{collections::BTreeMap, sync::Arc};

use kyc_vault::{IndexKey, Vault};
use redis::{FromRedisValue, Script, ScriptInvocation};

use crate::{Config, Error, connection::Connection, index::Index, script};

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
        let index = Index::of(&mut redis, &prefix, &vault).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                link: redis,
                config,
                prefix,
                vault,
                index,
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

    /// Returns the key of the blind indexes.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`] in a process without keys to open with.
    pub(crate) fn index(&self) -> Result<Arc<IndexKey>, Error> {
        self.inner.index.get()
    }

    /// Renews the key of the blind indexes after Redis was emptied or restored to an older state. The first process stores its
    /// key there, and the others take it.
    pub(crate) async fn renew_index(&self) -> Result<(), Error> {
        let Inner { prefix, vault, .. } = &*self.inner;
        self.inner
            .index
            .renew(&mut self.connection(), prefix, vault)
            .await
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
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
