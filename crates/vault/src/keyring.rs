//! The key-encryption keys: reading them from text, naming them, wrapping and unwrapping data keys.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::KeyringError;
use crate::cipher::{Cipher, KEY, NONCE, TAG, random_bytes};
use crate::layout::{WRAPPED, is_key_id};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key-encryption keys. The first is active: it wraps new data keys; all of them unwrap.
///
/// `Debug` shows the ids only.
pub struct Keyring {
    active: Kek,
    older: Vec<Kek>,
}

/// One named key-encryption key.
pub(crate) struct Kek {
    id: String,
    cipher: Cipher,
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

    /// The id of the key that wraps new data keys.
    pub fn active_id(&self) -> &str {
        &self.active.id
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
            Ok(key) => Ok(Self {
                id,
                cipher: Cipher::new(key),
            }),
            Err(_) => Err(KeyringError::WrongLength {
                id,
                bytes: bytes.len(),
            }),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Seals a data key for one verification: nonce, ciphertext, tag.
    pub(crate) fn wrap(&self, verification: &str, data_key: &[u8; KEY]) -> [u8; WRAPPED] {
        let mut wrapped = [0; WRAPPED];
        wrapped[NONCE..NONCE + KEY].copy_from_slice(data_key);
        let (nonce, tag) = self.cipher.seal(
            &wrapping_aad(verification),
            &mut wrapped[NONCE..NONCE + KEY],
        );
        wrapped[..NONCE].copy_from_slice(&nonce);
        wrapped[NONCE + KEY..].copy_from_slice(&tag);
        wrapped
    }

    /// The schedule of a wrapped data key; `None` when it was not wrapped so.
    pub(crate) fn unwrap(&self, verification: &str, wrapped: &[u8; WRAPPED]) -> Option<Cipher> {
        let (nonce, rest) = wrapped.split_first_chunk::<NONCE>()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
        let aad = wrapping_aad(verification);
        let key = self.cipher.open(*nonce, &aad, ciphertext, tag)?;
        Some(Cipher::new(key.as_slice().try_into().ok()?))
    }
}

/// Binds a wrapped key to its verification and to this use of the key-encryption key.
fn wrapping_aad(verification: &str) -> Vec<u8> {
    [b"kyc data key", verification.as_bytes()].concat()
}
