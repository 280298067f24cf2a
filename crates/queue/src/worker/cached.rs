//! A cached answer, with which a job needs no call.

use std::{fmt, sync::Arc};

use kyc_domain::{Outcome, VerificationId};
use kyc_vault::{DataKey, OpenError, Vault, is_record_name};

use crate::{enqueue::header::Header, worker::slot::Sending};

/// The answer to an earlier verification.
pub struct CachedAnswer {
    pub(crate) verification: String,
    /// The header of the job that may reuse it.
    pub(crate) asked_by: Box<Header>,
    pub(crate) outcome: Vec<u8>,
    /// The key record of the other verification, as that of a ticket.
    pub(crate) record: Vec<u8>,
    pub(crate) sending: Arc<Sending>,
}

impl CachedAnswer {
    /// Returns the verification whose call brought the answer.
    pub fn verification(&self) -> &str {
        &self.verification
    }

    /// Returns the other verification and the name of its key record, if the record is in a store.
    pub(crate) fn name_in_store(&self) -> Option<(VerificationId, Vec<u8>)> {
        let id = self.verification.parse().ok()?;
        is_record_name(&self.record).then(|| (id, self.record.clone()))
    }

    /// Returns the other verification's data key and outcome.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when a key is missing, the key record is gone, or the outcome does not open, is of a version that this one cannot read, or belongs
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
