//! The key of the blind indexes: made once for a queue, kept in its Redis sealed.

use std::sync::{Arc, PoisonError, RwLock};

use kyc_vault::{IndexKey, OpenError, Owner, Vault};

use crate::{Error, connection::Connection};

/// The name of the key in Redis, and of the installation's part in which it is sealed.
const NAME: &str = "index-key";
/// The name of what tells two of them from each other.
const ID: &str = "index-id";

/// The key of the blind indexes that this process goes by; none where it cannot open what is sealed.
pub(crate) struct Index(RwLock<Option<Arc<IndexKey>>>);

impl Index {
    /// Takes the queue's key, or makes it where there is none.
    pub(crate) async fn of(
        redis: &mut Connection,
        prefix: &str,
        vault: &Vault,
    ) -> Result<Self, Error> {
        let key = match vault.can_open() {
            true => Some(Arc::new(obtain(redis, prefix, vault, None).await?)),
            false => None,
        };
        Ok(Self(RwLock::new(key)))
    }

    pub(crate) fn get(&self) -> Result<Arc<IndexKey>, Error> {
        let key = self.0.read().unwrap_or_else(PoisonError::into_inner);
        key.clone().ok_or(Error::Sealed(OpenError::NoKeys))
    }

    /// Redis has another key than this process, or none: it was emptied, or put back to an older state. Who comes first gives
    /// it the key that it has; the others take that.
    pub(crate) async fn renew(
        &self,
        redis: &mut Connection,
        prefix: &str,
        vault: &Vault,
    ) -> Result<(), Error> {
        let own = self.get()?;
        let key = obtain(redis, prefix, vault, Some(&own)).await?;
        if fingerprint(&key) != fingerprint(&own) {
            tracing::warn!(
                "Redis was emptied, or put back to an older state: idempotency keys go by its own index key from now on"
            );
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
        Ok(())
    }
}

/// The queue's key. Where there is none, Redis is given `own`, or a fresh one. It outlives every change of the key-encryption
/// keys, or a job could be accepted twice after one; only [`rewrap`] seals it anew.
async fn obtain(
    redis: &mut Connection,
    prefix: &str,
    vault: &Vault,
    own: Option<&IndexKey>,
) -> Result<IndexKey, Error> {
    let (key, owner) = (format!("{prefix}:{NAME}"), Owner::of_installation(NAME));
    let mut known: Option<Vec<u8>> = redis::cmd("GET").arg(&key).query_async(redis).await?;
    if known.is_none() {
        let fresh = IndexKey::generate();
        let bytes = own.unwrap_or(&fresh).expose();
        let sealed = vault.seal(owner, NAME, "application/octet-stream", bytes)?;
        // Of two that begin a queue at once, one is first.
        let mut set = redis::cmd("SET");
        set.arg(&key).arg(sealed).arg("NX");
        set.exec_async(redis).await?;
        known = redis::cmd("GET").arg(&key).query_async(redis).await?;
    }
    let opened = vault.open(owner, NAME, &known.unwrap_or_default());
    let opened = opened.map_err(Error::OtherKeys)?;
    let index = IndexKey::from_bytes(&opened.bytes).ok_or(Error::Unreadable {
        what: "the index key",
        id: NAME.to_owned(),
    })?;
    // By this the script that accepts jobs knows whether its caller goes by the same key.
    let (name, id) = (format!("{prefix}:{ID}"), fingerprint(&index));
    let known: Option<String> = redis::cmd("GET").arg(&name).query_async(redis).await?;
    if known.as_deref() != Some(&id) {
        let mut tell = redis::cmd("SET");
        tell.arg(name).arg(id).exec_async(redis).await?;
    }
    Ok(index)
}

/// Tells two index keys from each other, and nothing of either.
pub(crate) fn fingerprint(index: &IndexKey) -> String {
    index.index("id", "")
}

/// Wraps the queue's key for the active key-encryption key. Returns whether it was wrapped for another one.
pub(crate) async fn rewrap(
    redis: &mut Connection,
    prefix: &str,
    vault: &Vault,
) -> Result<bool, Error> {
    let key = format!("{prefix}:{NAME}");
    let sealed: Option<Vec<u8>> = redis::cmd("GET").arg(&key).query_async(redis).await?;
    let anew = vault.rewrap_sealed(NAME, &sealed.unwrap_or_default());
    let Some(anew) = anew.map_err(Error::OtherKeys)? else {
        return Ok(false);
    };
    // Whoever deleted it meanwhile, by emptying Redis, is not undone.
    let mut set = redis::cmd("SET");
    set.arg(&key).arg(anew).arg("XX");
    set.exec_async(redis).await?;
    Ok(true)
}
