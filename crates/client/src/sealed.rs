//! A job that only the holders of the private key can read.

use kyc_domain::{Request, streams::sealing_info};
use kyc_vault::PublicKey;

/// A sealed job, for the inbox of one tenant alone.
#[derive(Clone, Debug)]
pub struct SealedJob {
    /// The tenant whose inbox takes it.
    pub tenant: String,
    /// The id of the key.
    pub key: String,
    /// The encapsulated key, then the ciphertext (HPKE, RFC 9180).
    pub sealed: Vec<u8>,
}

impl SealedJob {
    /// Seals a job that was checked.
    pub fn new(request: &Request, key: &PublicKey) -> Self {
        let tenant = request.terms.tenant.as_str();
        let sealed = key.seal(
            sealing_info(tenant).as_bytes(),
            request.to_json().as_bytes(),
        );
        Self {
            tenant: tenant.to_owned(),
            key: key.id().to_owned(),
            sealed,
        }
    }
}
