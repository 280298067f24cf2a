//! Making data keys and opening sealed parts with a keyring.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::layout::{Parts, content_aad, media_type_text};
use crate::{DataKey, Keyring, OpenError};

/// Seals and opens with a keyring. Cheap to clone; `Debug` shows the keys' ids only.
#[derive(Clone, Debug)]
pub struct Vault {
    keyring: Arc<Keyring>,
}

/// An opened part. The bytes are wiped when dropped; `Debug` shows only how many there are.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The media type it was sealed with.
    pub media_type: String,
    /// The plaintext.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Vault {
    /// A vault over these keys.
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring: Arc::new(keyring),
        }
    }

    /// A fresh random key for the verification `id`, wrapped by the active key-encryption key.
    pub fn data_key(&self, id: &str) -> DataKey {
        DataKey::fresh(self, self.keyring.active(), id)
    }

    /// The data key in the header of a sealed part, so that later parts of the verification `id` use the same.
    ///
    /// The part's content is not looked at.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when the bytes are no sealed part, or were sealed for another verification or with a key that is not here.
    pub fn unwrap(&self, id: &str, sealed: &[u8]) -> Result<DataKey, OpenError> {
        DataKey::of(self, id, &Parts::split(sealed)?)
    }

    /// Opens the part named `part` of the verification `id`.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when a single bit differs, or the part belongs elsewhere, or its key is not here.
    pub fn open(&self, id: &str, part: &str, sealed: &[u8]) -> Result<Opened, OpenError> {
        let parts = Parts::split(sealed)?;
        open_content(&self.unwrap_cipher(id, &parts)?, id, part, &parts)
    }

    /// Whether a part was sealed under the active key-encryption key; one that was not still opens while its
    /// key is on the ring, and can be sealed anew.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        Parts::split(sealed).is_ok_and(|parts| parts.key_id == self.keyring.active_id())
    }

    pub(crate) fn unwrap_cipher(&self, id: &str, parts: &Parts<'_>) -> Result<Cipher, OpenError> {
        let name = || parts.key_id.to_owned();
        let kek = self
            .keyring
            .find(parts.key_id)
            .ok_or_else(|| OpenError::UnknownKey { id: name() })?;
        kek.unwrap(id, parts.wrapped)
            .ok_or_else(|| OpenError::WrongKey { key: name() })
    }
}

pub(crate) fn open_content(
    cipher: &Cipher,
    id: &str,
    part: &str,
    parts: &Parts<'_>,
) -> Result<Opened, OpenError> {
    let aad = content_aad(parts.header, id, part);
    let bytes = cipher
        .open(parts.nonce, &aad, parts.ciphertext, parts.tag)
        .ok_or(OpenError::Tampered)?;
    let media_type = media_type_text(parts.media_type)?;
    Ok(Opened { media_type, bytes })
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("media_type", &self.media_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
