//! A cached answer, with which a job needs no call.

use std::{fmt, sync::Arc};

use kyc_domain::Outcome;
use kyc_vault::{DataKey, OpenError, Vault};

use crate::{enqueue::header::Header, worker::slot::Sending};

/// The answer to an earlier verification.
pub struct CachedAnswer {
    pub(crate) verification: String,
    /// The header of the job that may reuse it.
    pub(crate) asked_by: Box<Header>,
    pub(crate) outcome: Vec<u8>,
    /// The key record of the other verification.
    pub(crate) record: Vec<u8>,
    pub(crate) sending: Arc<Sending>,
}

impl CachedAnswer {
    /// Returns the verification whose call brought the answer.
    pub fn verification(&self) -> &str {
        &self.verification
    }

    /// Returns the other verification's data key and outcome.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when a key is missing, or the outcome does not open, is of a version that this one cannot read, or belongs
    /// to another tenant, kind or coalescing key than the job that may reuse it.
    pub fn open(&self, vault: &Vault) -> Result<(DataKey, Outcome), OpenError> {
        let owner = self.asked_by.owner(&self.verification);
        let key = vault.key(owner, &self.record).inspect_err(|error| {
            if let Some(id) = error.missing_key() {
                self.sending.missing_keys.note(vault, &id);
            }
        })?;
        let opened = key.open(&self.asked_by.outcome_part(), &self.outcome)?;
        let outcome = serde_json::from_slice(&opened.bytes).map_err(|_| OpenError::Tampered)?;
        Ok((key, outcome))
    }
}

impl fmt::Debug for CachedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedAnswer({})", self.verification)
    }
}
