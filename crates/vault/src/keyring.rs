//! The key-encryption keys: reading them from text, and naming them.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use zeroize::Zeroizing;

use crate::cipher::{KEY, random_bytes};
use crate::exchange::PrivateHalf;
use crate::text::{BASE64, check_of, is_key_id};
use crate::{KeyringError, PublicKey};

/// Separates the key of results from all other uses of a key-encryption key.
const RESULTS: &[u8] = b"kyc results 2";

/// The key-encryption keys, with their private halves. The first is active: new data keys are wrapped for it. All of
/// them unwrap.
///
/// `Debug` shows the ids only.
pub struct Keyring {
    active: Kek,
    older: Vec<Kek>,
}

/// One named key-encryption key.
pub(crate) struct Kek {
    id: String,
    /// Tells keys of one id from each other.
    check: String,
    private: PrivateHalf,
    /// The keys by which results are authenticated are derived from this.
    results: hmac::Key,
}

impl Keyring {
    /// Reads `id:base64,id2:base64`, separated by commas or new lines; lines that start with `#` are comments.
    ///
    /// # Errors
    ///
    /// Says which key is wrong and what to do; never repeats what may be a key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let entries = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .flat_map(|line| line.split(','))
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let mut keys: Vec<Kek> = Vec::new();
        for (at, entry) in entries.enumerate() {
            let key = Kek::parse(at + 1, entry)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(KeyringError::Duplicate { id: key.id });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let active = keys.next().ok_or(KeyringError::Empty)?;
        Ok(Self {
            active,
            older: keys.collect(),
        })
    }

    /// The id of the key that new data keys are wrapped for.
    pub fn active_id(&self) -> &str {
        &self.active.id
    }

    /// The public half of the active key.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(&self.active.id, self.active.private.public())
    }

    /// All ids, the active one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys().map(|key| key.id.as_str())
    }

    /// A new random key as text, `id:base64`, for [`Keyring::parse`].
    ///
    /// # Errors
    ///
    /// [`KeyringError::BadId`] when `id` is not 1 to 32 letters, digits, `_` or `-`.
    pub fn generate(id: &str) -> Result<String, KeyringError> {
        if !is_key_id(id.as_bytes()) {
            return Err(KeyringError::BadId { entry: 1 });
        }
        let key = Zeroizing::new(random_bytes::<KEY>());
        Ok(format!(
            "{id}:{}",
            Zeroizing::new(BASE64.encode(*key)).as_str()
        ))
    }

    pub(crate) fn active(&self) -> &Kek {
        &self.active
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Kek> {
        self.keys().find(|key| key.id == id)
    }

    fn keys(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.active).chain(&self.older)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl Kek {
    fn parse(entry: usize, text: &str) -> Result<Self, KeyringError> {
        if text.starts_with("public:") {
            return Err(KeyringError::Public { entry });
        }
        let (id, key) = text.split_once(':').ok_or(KeyringError::NoId { entry })?;
        let id = id.trim_end();
        if !is_key_id(id.as_bytes()) {
            return Err(KeyringError::BadId { entry });
        }
        let id = id.to_owned();
        // Room for the whole key, so that growing leaves no copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(key.len()));
        if BASE64.decode_vec(key.trim_start(), &mut bytes).is_err() {
            return Err(KeyringError::NotBase64 { id });
        }
        match bytes.as_slice().try_into() {
            Ok(key) => Ok(Self::new(id, key)),
            Err(_) => Err(KeyringError::WrongLength {
                id,
                bytes: bytes.len(),
            }),
        }
    }

    fn new(id: String, key: &[u8; KEY]) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), RESULTS);
        let private = PrivateHalf::new(key);
        Self {
            id,
            check: check_of(&private.public()),
            private,
            results: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn check(&self) -> &str {
        &self.check
    }

    pub(crate) fn private(&self) -> &PrivateHalf {
        &self.private
    }

    /// The bytes of the key by which a tenant's results are authenticated.
    pub(crate) fn results(&self, tenant: &str) -> hmac::Tag {
        hmac::sign(&self.results, tenant.as_bytes())
    }
}
