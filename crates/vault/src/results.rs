//! Authenticating results: a tenant can check that a result was published by a worker, and was not changed since.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use zeroize::Zeroizing;

use crate::KeyringError;
use crate::keyring::Kek;
use crate::text::{BASE64, is_key_id};

/// The bytes of a key.
const KEY: usize = 32;

/// The key by which the results of one tenant are authenticated: HMAC-SHA-256. It opens nothing. `Debug` shows the id
/// of the key-encryption key that it was derived from.
pub struct ResultsKey {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
    key: hmac::Key,
}

impl ResultsKey {
    pub(crate) fn of(kek: &Kek, tenant: &str) -> Self {
        Self::new(kek.id(), kek.results(tenant).as_ref())
    }

    fn new(id: &str, bytes: &[u8]) -> Self {
        Self {
            id: id.to_owned(),
            key: hmac::Key::new(hmac::HMAC_SHA256, bytes),
            bytes: Zeroizing::new(bytes.to_owned()),
        }
    }

    /// Reads `id:base64`, as `kyc keys results` prints it.
    ///
    /// # Errors
    ///
    /// Says what to write; never repeats what may be a private key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let (id, key) = text
            .trim()
            .split_once(':')
            .ok_or(KeyringError::NotForResults)?;
        let bytes = BASE64
            .decode(key)
            .map_err(|_| KeyringError::NotForResults)?;
        let bytes = Zeroizing::new(bytes);
        if !is_key_id(id.as_bytes()) || bytes.len() != KEY {
            return Err(KeyringError::NotForResults);
        }
        Ok(Self::new(id, &bytes))
    }

    /// The id of the key-encryption key that it was derived from.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key in base64, to be handed to the tenant's application.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&*self.bytes)
    }

    /// Authenticates a result: the key's id, a colon, and the HMAC in 64 hexadecimal digits.
    pub fn sign(&self, result: &[u8]) -> String {
        format!("{}:{}", self.id, hex::encode(hmac::sign(&self.key, result)))
    }

    /// Whether [`ResultsKey::sign`] made `mac` of this result. Takes the same time whatever differs.
    pub fn verify(&self, result: &[u8], mac: &str) -> bool {
        mac.split_once(':')
            .filter(|(id, _)| *id == self.id)
            .and_then(|(_, mac)| hex::decode(mac).ok())
            .is_some_and(|mac| hmac::verify(&self.key, result, &mac).is_ok())
    }
}

impl fmt::Debug for ResultsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResultsKey({})", self.id)
    }
}
