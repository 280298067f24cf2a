//! Authenticating results: a tenant can check that a result was published by a worker, and was not changed since.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;

use crate::keyring::Kek;
use crate::text::BASE64;

/// The key by which the results of one tenant are authenticated: HMAC-SHA-256. It opens nothing. `Debug` shows the id
/// of the key-encryption key that it was derived from.
pub struct ResultsKey {
    id: String,
    bytes: hmac::Tag,
    key: hmac::Key,
}

impl ResultsKey {
    pub(crate) fn of(kek: &Kek, tenant: &str) -> Self {
        let bytes = kek.results(tenant);
        Self {
            id: kek.id().to_owned(),
            key: hmac::Key::new(hmac::HMAC_SHA256, bytes.as_ref()),
            bytes,
        }
    }

    /// The id of the key-encryption key that it was derived from.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key in base64, to be handed to the tenant's application.
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.bytes.as_ref())
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
