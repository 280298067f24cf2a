//! The handle on a queue: connection, keys and the few operations that need no script.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use kyc_vault::{IndexKey, Vault};
use redis::{FromRedisValue, Script, ScriptInvocation};

use crate::{Config, Error, connection::Connection, script};

/// A queue on a Redis. Cheap to clone: all clones share one connection.
#[derive(Clone)]
pub struct Queue {
    inner: Arc<Inner>,
}

struct Inner {
    link: Connection,
    config: Config,
    prefix: String,
    vault: Vault,
    /// Another one where Redis was emptied, or put back to an older state, and somebody else was first to begin anew.
    index: RwLock<Arc<IndexKey>>,
}

impl Queue {
    /// Connects, and makes sure that the vault has the keys this queue was sealed with.
    pub async fn connect(config: Config, vault: Vault) -> Result<Self, Error> {
        let prefix = config.prefix();
        let mut redis = Connection::open(config.address()?, &prefix).await?;
        script::load(&mut redis).await?;
        let index = index_key(&mut redis, &prefix, &vault, None).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                link: redis,
                config,
                prefix,
                vault,
                index: RwLock::new(Arc::new(index)),
            }),
        })
    }

    /// Asks Redis for a sign of life.
    pub async fn ping(&self) -> Result<(), Error> {
        redis::cmd("PING")
            .exec_async(&mut self.connection())
            .await?;
        Ok(())
    }

    /// What `INFO` says of one section, as its lines `name:value`.
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

    /// Redis' own time, in milliseconds since 1970.
    pub(crate) async fn now_ms(&self) -> Result<i64, Error> {
        let (seconds, micros): (i64, i64) = redis::cmd("TIME")
            .query_async(&mut self.connection())
            .await?;
        Ok(seconds * 1000 + micros / 1000)
    }

    /// The vault that this queue seals with.
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// The key of the blind indexes.
    pub(crate) fn index(&self) -> Arc<IndexKey> {
        let index = self
            .inner
            .index
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&index)
    }

    /// Redis has another key of the blind indexes than this process, or none: it was emptied, or put back to an older state.
    /// Who comes first gives it the key that it has; the others take that.
    pub(crate) async fn renew_index(&self) -> Result<(), Error> {
        let Inner { prefix, vault, .. } = &*self.inner;
        let own = self.index();
        let index = index_key(&mut self.connection(), prefix, vault, Some(&own)).await?;
        if fingerprint(&index) != fingerprint(&own) {
            tracing::warn!(
                "Redis was emptied, or put back to an older state: idempotency keys go by its own index key from now on"
            );
        }
        *self
            .inner
            .index
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(index);
        Ok(())
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn connection(&self) -> Connection {
        self.inner.link.clone()
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

    /// Runs a script over a connection of its own.
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

/// The key of the blind indexes: made once for a queue, kept in it sealed. It must outlive every change of
/// the key-encryption keys, or a job could be accepted twice after one. Where there is none, Redis is given `own`, or a
/// fresh one.
async fn index_key(
    redis: &mut Connection,
    prefix: &str,
    vault: &Vault,
    own: Option<&IndexKey>,
) -> Result<IndexKey, Error> {
    const NAME: &str = "index-key";
    let key = format!("{prefix}:{NAME}");
    let mut known: Option<Vec<u8>> = redis::cmd("GET").arg(&key).query_async(redis).await?;
    if known.is_none() {
        let fresh = IndexKey::generate();
        let bytes = own.unwrap_or(&fresh).expose();
        let sealed = vault
            .data_key(NAME)
            .seal(NAME, "application/octet-stream", bytes);
        // Of two that begin a queue at once, one is first.
        let mut set = redis::cmd("SET");
        set.arg(&key)
            .arg(sealed)
            .arg("NX")
            .exec_async(redis)
            .await?;
        known = redis::cmd("GET").arg(&key).query_async(redis).await?;
    }
    let sealed = known.unwrap_or_default();
    let opened = vault.open(NAME, NAME, &sealed)?;
    if !vault.is_current(&sealed) {
        // The keys were changed: once this is sealed with the new one, the old one can go with its last job.
        let anew = vault
            .data_key(NAME)
            .seal(NAME, "application/octet-stream", &opened.bytes);
        redis::cmd("SET")
            .arg(&key)
            .arg(anew)
            .exec_async(redis)
            .await?;
    }
    let index = IndexKey::from_bytes(&opened.bytes).ok_or(Error::Unreadable {
        what: "the index key",
        id: NAME.to_owned(),
    })?;
    // By this the script that accepts jobs knows whether whoever asks goes by the same key.
    let (name, id) = (format!("{prefix}:index-id"), fingerprint(&index));
    let known: Option<String> = redis::cmd("GET").arg(&name).query_async(redis).await?;
    if known.as_deref() != Some(&id) {
        let mut tell = redis::cmd("SET");
        tell.arg(name).arg(id).exec_async(redis).await?;
    }
    Ok(index)
}

/// Tells two index keys apart, and nothing of either.
pub(crate) fn fingerprint(index: &IndexKey) -> String {
    index.index("id", "")
}
