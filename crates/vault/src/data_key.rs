//! The key of one verification: sealing its parts, and opening them without unwrapping the key again.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cipher::{Cipher, KEY, random_bytes};
use crate::keyring::Kek;
use crate::layout::{Header, Parts};
use crate::vault::open_content;
use crate::{Envelope, OpenError, Opened, Vault};

/// The data key of one verification, with its wrapping and its AES schedule computed once. Cheap to clone.
///
/// The key's bytes are wiped as soon as the schedule is computed, the schedule when the last clone is dropped.
/// `Debug` shows only the id of the key-encryption key.
#[derive(Clone)]
pub struct DataKey(Arc<Inner>);

struct Inner {
    vault: Vault,
    verification: String,
    header: Header,
    cipher: Cipher,
}

impl DataKey {
    pub(crate) fn fresh(vault: &Vault, kek: &Kek, verification: &str) -> Self {
        let key = Zeroizing::new(random_bytes::<KEY>());
        let header = Header::new(kek.id(), &kek.wrap(verification, &key));
        Self::new(vault, verification, header, Cipher::new(&key))
    }

    /// The data key in a part's header.
    pub(crate) fn of(
        vault: &Vault,
        verification: &str,
        parts: &Parts<'_>,
    ) -> Result<Self, OpenError> {
        let cipher = vault.unwrap_cipher(verification, parts)?;
        let header = Header::new(parts.key_id, parts.wrapped);
        Ok(Self::new(vault, verification, header, cipher))
    }

    fn new(vault: &Vault, verification: &str, header: Header, cipher: Cipher) -> Self {
        let verification = verification.to_owned();
        Self(Arc::new(Inner {
            vault: vault.clone(),
            verification,
            header,
            cipher,
        }))
    }

    /// Seals one part: a copy of `plaintext`, in the layout the crate's README describes.
    ///
    /// A media type that is empty, longer than 32 bytes or not plain ASCII is stored as `application/octet-stream`.
    pub fn seal(&self, part: &str, media_type: &str, plaintext: &[u8]) -> Vec<u8> {
        let mut envelope = self.envelope(media_type, plaintext.len());
        envelope.body().extend_from_slice(plaintext);
        envelope.seal(part)
    }

    /// A buffer to write a plaintext of about `capacity` bytes into, which is then sealed where it stands.
    pub fn envelope(&self, media_type: &str, capacity: usize) -> Envelope {
        Envelope::new(self.clone(), media_type, capacity)
    }

    /// Opens a part of the same verification; a part sealed under another data key of it opens too.
    ///
    /// # Errors
    ///
    /// As [`Vault::open`].
    pub fn open(&self, part: &str, sealed: &[u8]) -> Result<Opened, OpenError> {
        let parts = Parts::split(sealed)?;
        let Inner {
            vault,
            verification,
            header,
            cipher,
        } = &*self.0;
        if (parts.key_id.as_bytes(), &parts.wrapped[..]) == (header.key_id(), header.wrapped()) {
            return open_content(cipher, verification, part, &parts);
        }
        let cipher = vault.unwrap_cipher(verification, &parts)?;
        open_content(&cipher, verification, part, &parts)
    }

    /// The id of the verification whose parts this key seals.
    pub fn verification(&self) -> &str {
        &self.0.verification
    }

    pub(crate) fn header(&self) -> &Header {
        &self.0.header
    }

    pub(crate) fn cipher(&self) -> &Cipher {
        &self.0.cipher
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = String::from_utf8_lossy(self.0.header.key_id());
        f.debug_struct("DataKey")
            .field("wrapped_by", &key)
            .finish_non_exhaustive()
    }
}
