//! The keys of the blind indexes: the first is made once for a queue, others by a rotation. They are kept in its Redis, sealed
//! together.

pub(crate) mod keys;

use std::sync::{Arc, PoisonError, RwLock};

use kyc_vault::{OpenError, Owner, Vault};

use crate::{
    Error,
    connection::Connection,
    index::keys::IndexKeys,
    script::{self, arguments},
};

/// The name of the keys in Redis, and of the installation's part in which they are sealed.
const NAME: &str = "index-key";
/// The name of what tells two lists of keys from each other.
const ID: &str = "index-id";
/// How often a change is tried that others may come before.
const TRIES: usize = 5;
/// The most older keys. A job with an idempotency key looks for it under each of them.
const MOST_OLDER: usize = 4;

/// The keys of the blind indexes that this process goes by; none where it cannot open what is sealed.
pub(crate) struct Index(RwLock<Option<Arc<IndexKeys>>>);

/// Where the keys are.
pub(crate) struct At<'a> {
    pub(crate) redis: &'a mut Connection,
    pub(crate) prefix: &'a str,
    pub(crate) vault: &'a Vault,
}

impl Index {
    /// Takes the queue's keys, or makes the first one where there is none.
    pub(crate) async fn of(at: At<'_>) -> Result<Self, Error> {
        let keys = match at.vault.can_open() {
            true => Some(Arc::new(obtain(at, None).await?)),
            false => None,
        };
        Ok(Self(RwLock::new(keys)))
    }

    pub(crate) fn get(&self) -> Result<Arc<IndexKeys>, Error> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone().ok_or(Error::Sealed(OpenError::NoKeys))
    }

    /// Redis has other keys than this process: a key was made or dropped since, or Redis was emptied, or put back to an older
    /// state. Who comes first to an empty one gives it the newest key that it has; the others take that.
    pub(crate) async fn renew(&self, at: At<'_>) -> Result<(), Error> {
        let own = self.get()?;
        let keys = obtain(at, Some(&own)).await?;
        let has = |keys: &IndexKeys, id: &str| keys.all().any(|key| key.id() == id);
        if !has(&keys, own.newest().id()) {
            tracing::warn!(
                "Redis was emptied, or put back to an older state: idempotency keys go by its own index key from now on"
            );
        } else if keys.newest().id() != own.newest().id() {
            tracing::info!(
                index_key = keys.newest().id(),
                "New jobs are indexed by another key from now on"
            );
        }
        self.set(keys);
        Ok(())
    }

    /// Puts a new key before the others.
    pub(crate) async fn rotate(&self, mut at: At<'_>) -> Result<Arc<IndexKeys>, Error> {
        for _ in 0..TRIES {
            let own = self.get()?;
            let known = obtain(at.again(), Some(&own)).await?;
            if known.older().len() >= MOST_OLDER {
                return Err(Error::ManyIndexKeys(known.older().len()));
            }
            if change(at.again(), &known, &known.rotated()).await? {
                let keys = obtain(at.again(), Some(&own)).await?;
                self.set(keys);
                return self.get();
            }
        }
        Err(overtaken())
    }

    /// Drops the older keys of `known` that are not used. Returns their ids; none if the keys have changed since.
    pub(crate) async fn drop_unused(
        &self,
        at: At<'_>,
        known: &IndexKeys,
        is_used: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, Error> {
        let kept = known.keeping(&is_used);
        let unused = known.older().iter().filter(|key| !is_used(key.id()));
        let unused: Vec<String> = unused.map(|key| key.id().to_owned()).collect();
        if unused.is_empty() || !change(at, known, &kept).await? {
            return Ok(Vec::new());
        }
        self.set(kept);
        Ok(unused)
    }

    fn set(&self, keys: IndexKeys) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
    }
}

impl At<'_> {
    fn again(&mut self) -> At<'_> {
        At {
            redis: self.redis,
            prefix: self.prefix,
            vault: self.vault,
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    /// Returns the sealed keys, and the text by which the scripts know them.
    async fn read(&mut self) -> Result<(Option<Vec<u8>>, Option<String>), Error> {
        let keys = [self.key(NAME), self.key(ID)];
        Ok(redis::cmd("MGET")
            .arg(&keys)
            .query_async(self.redis)
            .await?)
    }

    fn open(&self, sealed: &[u8]) -> Result<IndexKeys, Error> {
        let owner = Owner::of_installation(NAME);
        let opened = self.vault.open(owner, NAME, sealed);
        let opened = opened.map_err(Error::OtherKeys)?;
        IndexKeys::from_bytes(&opened.bytes).ok_or(Error::Unreadable {
            what: "the index key",
            id: NAME.to_owned(),
        })
    }

    fn seal(&self, keys: &IndexKeys) -> Result<Vec<u8>, Error> {
        let owner = Owner::of_installation(NAME);
        let sealed = self
            .vault
            .seal(owner, NAME, "application/octet-stream", &keys.bytes())?;
        Ok(sealed)
    }

    /// Stores sealed keys in the place of those that were read. Returns whether they were still there.
    async fn store(&mut self, known: &[u8], sealed: &[u8], state: &str) -> Result<bool, Error> {
        let mut call = script::INDEX.prepare_invoke();
        call.key(self.prefix);
        arguments::Index {
            known,
            sealed,
            state,
        }
        .write(&mut call);
        Ok(call.invoke_async(self.redis).await?)
    }
}

/// The queue's keys. Where there are none, Redis is given the newest of `own`, or a fresh one. They outlive every change of the
/// key-encryption keys, or a job could be accepted twice after one; only [`rewrap`] wraps them anew.
async fn obtain(mut at: At<'_>, own: Option<&IndexKeys>) -> Result<IndexKeys, Error> {
    for _ in 0..TRIES {
        let (sealed, state) = at.read().await?;
        let Some(sealed) = sealed else {
            let first = own.map_or_else(IndexKeys::generate, IndexKeys::newest_alone);
            let sealed = at.seal(&first)?;
            // Of two that begin a queue at once, one is first.
            if at.store(b"", &sealed, first.state()).await? {
                return Ok(first);
            }
            continue;
        };
        let keys = at.open(&sealed)?;
        if state.as_deref() == Some(keys.state())
            || at.store(&sealed, &sealed, keys.state()).await?
        {
            return Ok(keys);
        }
    }
    Err(overtaken())
}

/// Stores other keys in the place of `known`. Returns whether those were still the queue's.
async fn change(mut at: At<'_>, known: &IndexKeys, keys: &IndexKeys) -> Result<bool, Error> {
    let (sealed, _) = at.read().await?;
    let sealed = sealed.unwrap_or_default();
    if sealed.is_empty() || at.open(&sealed)?.state() != known.state() {
        return Ok(false);
    }
    let anew = at.seal(keys)?;
    at.store(&sealed, &anew, keys.state()).await
}

/// Wraps the queue's keys for the active key-encryption key. Returns whether they were wrapped for another one.
pub(crate) async fn rewrap(mut at: At<'_>) -> Result<bool, Error> {
    for _ in 0..TRIES {
        let (sealed, _) = at.read().await?;
        let sealed = sealed.unwrap_or_default();
        let anew = at.vault.rewrap_sealed(NAME, &sealed);
        let Some(anew) = anew.map_err(Error::OtherKeys)? else {
            return Ok(false);
        };
        let keys = at.open(&sealed)?;
        // Whoever changed or deleted them meanwhile is not undone.
        if at.store(&sealed, &anew, keys.state()).await? {
            return Ok(true);
        }
    }
    Err(overtaken())
}

fn overtaken() -> Error {
    Error::Answer("to a change of its index keys")
}
