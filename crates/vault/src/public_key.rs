//! The public half of a key-encryption key: it seals, and opens nothing.

use std::fmt;

use base64::Engine as _;

use crate::KeyringError;
use crate::exchange::PublicHalf;
use crate::text::{BASE64, is_key_id};

/// What stands before a public key's id, so that nobody takes one kind of key for the other.
const PREFIX: &str = "public:";

/// The public half of a key-encryption key, by which producers seal. `Debug` shows the id.
#[derive(Clone)]
pub struct PublicKey {
    id: String,
    half: PublicHalf,
}

impl PublicKey {
    pub(crate) fn new(id: &str, half: PublicHalf) -> Self {
        let id = id.to_owned();
        Self { id, half }
    }

    /// Reads `public:id:base64`, as `kyc keys public` prints it.
    ///
    /// # Errors
    ///
    /// Says what is wrong and what to do; never repeats what may be a private key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let rest = text.trim().strip_prefix(PREFIX);
        let (id, key) = rest
            .and_then(|rest| rest.split_once(':'))
            .ok_or(KeyringError::NotPublic)?;
        if !is_key_id(id.as_bytes()) {
            return Err(KeyringError::BadId { entry: 1 });
        }
        let bytes = BASE64
            .decode(key.trim())
            .map_err(|_| KeyringError::NotPublic)?;
        let half = PublicHalf::from_bytes(&bytes).ok_or(KeyringError::NotPublic)?;
        // A point of low order is a public key of nobody: nothing can be encapsulated to it.
        half.seal(b"", b"").ok_or(KeyringError::NotPublic)?;
        Ok(Self::new(id, half))
    }

    /// The key's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The 32 bytes of the X25519 public key, in base64.
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.half.to_bytes())
    }

    /// Seals one message for the holders of the private half: HPKE (RFC 9180) in its base mode, single shot, with
    /// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. The encapsulated key precedes the ciphertext.
    pub fn seal(&self, info: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let sealed = self.half.seal(info, plaintext);
        sealed.expect("a public key that was read can be encapsulated to")
    }

    pub(crate) fn half(&self) -> &PublicHalf {
        &self.half
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}:{}", self.id, self.to_base64())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id)
    }
}
