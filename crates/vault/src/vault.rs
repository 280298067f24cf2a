//! Making data keys, and opening what was sealed, with the keys that a process has.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::cipher::{KEY, random_bytes};
use crate::exchange::Sender;
use crate::keyring::Kek;
use crate::record::{KeyRecord, key_id, wrap};
use crate::text::{check_of, is_key_id};
use crate::{DataKey, Keyring, OpenError, Opened, Owner, PublicKey, ResultsKey, SealError};

/// The keys of a process, in one of three roles. Cheap to clone: clones share the keys, also when they are replaced.
///
/// | role | keys | can |
/// | --- | --- | --- |
/// | open | a [`Keyring`] | seal and open |
/// | seal | a [`PublicKey`] | seal |
/// | operate | none | neither |
///
/// `Debug` shows the keys' ids only.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<RwLock<Arc<Keys>>>,
    /// How often the keys were replaced.
    replaced: Arc<AtomicU64>,
}

#[derive(Default)]
struct Keys {
    sealing: Option<Sender>,
    opening: Option<Keyring>,
}

impl Keys {
    fn opening(keyring: Keyring) -> Self {
        let public = keyring.public();
        Self {
            opening: Some(keyring),
            ..Self::sealing(&public)
        }
    }

    fn sealing(public: &PublicKey) -> Self {
        let half = public.half().clone();
        Self {
            sealing: Some(Sender::new(public.id(), check_of(&half), half)),
            opening: None,
        }
    }
}

impl Vault {
    /// A vault that seals for the active key and opens with all of them.
    pub fn new(keyring: Keyring) -> Self {
        Self::with(Keys::opening(keyring))
    }

    /// A vault that seals and opens nothing.
    pub fn sealing(public: &PublicKey) -> Self {
        Self::with(Keys::sealing(public))
    }

    /// A vault without keys.
    pub fn without_keys() -> Self {
        Self::with(Keys::default())
    }

    fn with(keys: Keys) -> Self {
        Self {
            keys: Arc::new(RwLock::new(Arc::new(keys))),
            replaced: Arc::default(),
        }
    }

    /// Goes on with other keys, for all clones.
    pub fn replace(&self, keyring: Keyring) {
        let keys = Arc::new(Keys::opening(keyring));
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        self.replaced.fetch_add(1, SeqCst);
    }

    /// How often the keys were replaced: what did not open before may open now.
    pub fn replaced(&self) -> u64 {
        self.replaced.load(SeqCst)
    }

    /// Whether it has keys to open with.
    pub fn can_open(&self) -> bool {
        self.keys().opening.is_some()
    }

    /// Whether it has a key to seal with.
    pub fn can_seal(&self) -> bool {
        self.keys().sealing.is_some()
    }

    /// Whether it opens what was sealed for the key `id`.
    pub fn has_key(&self, id: &str) -> bool {
        let keys = self.keys();
        keys.opening
            .as_ref()
            .is_some_and(|ring| ring.find(id).is_some())
    }

    /// The ids of the keys it opens with, the active one first.
    pub fn ids(&self) -> Vec<String> {
        let keys = self.keys();
        let ids = keys.opening.iter().flat_map(Keyring::ids);
        ids.map(ToOwned::to_owned).collect()
    }

    /// The public key that it seals with.
    pub fn public(&self) -> Option<PublicKey> {
        let keys = self.keys();
        let sender = keys.sealing.as_ref()?;
        Some(PublicKey::new(&sender.id, sender.to().clone()))
    }

    /// A fresh random data key for a verification, wrapped for the active key-encryption key.
    ///
    /// # Errors
    ///
    /// [`SealError`], when there is no key to seal with.
    pub fn data_key(&self, owner: Owner<'_>) -> Result<DataKey, SealError> {
        let keys = self.keys();
        let sender = keys.sealing.as_ref().ok_or(SealError)?;
        let key = Zeroizing::new(random_bytes::<KEY>());
        let record = wrap(sender, owner.verification, &key);
        Ok(DataKey::new(owner, record, &key))
    }

    /// The data key in a key record.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when the bytes are no key record, or one of another verification, or wrapped for a key that is
    /// not here.
    pub fn key(&self, owner: Owner<'_>, record: &[u8]) -> Result<DataKey, OpenError> {
        let key = unwrap(&self.keys(), owner.verification, record)?;
        Ok(DataKey::new(owner, record.to_owned(), &key))
    }

    /// A key record wrapped anew, for the active key; `None` when it is wrapped for that already.
    ///
    /// # Errors
    ///
    /// As [`Vault::key`].
    pub fn rewrap(&self, verification: &str, record: &[u8]) -> Result<Option<Vec<u8>>, OpenError> {
        let keys = self.keys();
        let sender = keys.sealing.as_ref().ok_or(OpenError::NoKeys)?;
        let known = KeyRecord::split(record)?;
        if (known.key_id, known.check) == (&*sender.id, &*sender.check) {
            return Ok(None);
        }
        let key = unwrap(&keys, verification, record)?;
        Ok(Some(wrap(sender, verification, &key)))
    }

    /// Seals something small that stands alone: its key record, then the part.
    ///
    /// # Errors
    ///
    /// [`SealError`], when there is no key to seal with.
    pub fn seal(
        &self,
        owner: Owner<'_>,
        part: &str,
        media_type: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let key = self.data_key(owner)?;
        let length = u16::try_from(key.record().len()).expect("a key record is short");
        let sealed = key.seal(part, media_type, plaintext);
        Ok([&length.to_be_bytes()[..], key.record(), &sealed].concat())
    }

    /// Opens what [`Vault::seal`] sealed.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when a single bit differs, or it belongs elsewhere, or its key is not here.
    pub fn open(&self, owner: Owner<'_>, part: &str, sealed: &[u8]) -> Result<Opened, OpenError> {
        let (record, sealed) = split(sealed)?;
        self.key(owner, record)?.open(part, sealed)
    }

    /// What [`Vault::seal`] sealed, with its key record wrapped anew; `None` when that is for the active key already.
    ///
    /// # Errors
    ///
    /// As [`Vault::open`].
    pub fn rewrap_sealed(
        &self,
        verification: &str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, OpenError> {
        let (record, sealed) = split(sealed)?;
        let anew = self.rewrap(verification, record)?;
        Ok(anew.map(|record| {
            let length = u16::try_from(record.len()).expect("a key record is short");
            [&length.to_be_bytes()[..], &record, sealed].concat()
        }))
    }

    /// Opens a message that was sealed by [`PublicKey::seal`] for the key `id`.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when the key is not here, or the message was changed, or sealed with other `info`.
    pub fn open_message(
        &self,
        id: &str,
        info: &[u8],
        message: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let keys = self.keys();
        let opened = find(&keys, id)?.private().open(info, message);
        opened.ok_or(OpenError::Tampered)
    }

    /// The key by which a tenant's results are authenticated: derived from the active key-encryption key, or from `id`.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when the key is not here.
    pub fn results_key(&self, tenant: &str, id: Option<&str>) -> Result<ResultsKey, OpenError> {
        let keys = self.keys();
        let ring = keys.opening.as_ref().ok_or(OpenError::NoKeys)?;
        let kek = match id {
            Some(id) => find(&keys, id)?,
            None => ring.active(),
        };
        Ok(ResultsKey::of(kek, tenant))
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The id of the key that something which stands alone ([`Vault::seal`]) is sealed for; `None` for other bytes.
pub fn sealed_key_id(sealed: &[u8]) -> Option<&str> {
    key_id(split(sealed).ok()?.0)
}

fn find<'a>(keys: &'a Keys, id: &str) -> Result<&'a Kek, OpenError> {
    let ring = keys.opening.as_ref().ok_or(OpenError::NoKeys)?;
    // The id may come from anybody: what is none is not repeated.
    if !is_key_id(id.as_bytes()) {
        return Err(OpenError::Tampered);
    }
    let unknown = || OpenError::UnknownKey {
        id: id.to_owned(),
        check: String::new(),
    };
    ring.find(id).ok_or_else(unknown)
}

fn unwrap(keys: &Keys, id: &str, record: &[u8]) -> Result<Zeroizing<[u8; KEY]>, OpenError> {
    let record = KeyRecord::split(record)?;
    let ring = keys.opening.as_ref().ok_or(OpenError::NoKeys)?;
    let (id_of_key, check) = (record.key_id.to_owned(), record.check.to_owned());
    let kek = match ring.find(record.key_id) {
        Some(kek) if kek.check() == record.check => kek,
        Some(_) => {
            return Err(OpenError::OtherKey {
                id: id_of_key,
                check,
            });
        }
        None => {
            return Err(OpenError::UnknownKey {
                id: id_of_key,
                check,
            });
        }
    };
    let wrong = || OpenError::WrongKey {
        key: record.key_id.to_owned(),
    };
    record.unwrap(kek, id).ok_or_else(wrong)
}

/// Key record and part of what stands alone.
fn split(sealed: &[u8]) -> Result<(&[u8], &[u8]), OpenError> {
    let (length, rest) = sealed.split_first_chunk().ok_or(OpenError::NotSealed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    rest.split_at_checked(length).ok_or(OpenError::NotSealed)
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys();
        f.debug_struct("Vault")
            .field("seals_for", &keys.sealing.as_ref().map(|sender| &sender.id))
            .field("opens_with", &self.ids())
            .finish()
    }
}
