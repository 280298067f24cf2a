//! A cached answer, with which a job needs no call.

use std::fmt;

use kyc_domain::Outcome;
use kyc_vault::{DataKey, Vault};

use crate::enqueue::header::Header;

/// The answer to an earlier verification.
pub struct CachedAnswer {
    pub(crate) verification: String,
    /// The header of the job that may reuse it.
    pub(crate) asked_by: Box<Header>,
    pub(crate) outcome: Vec<u8>,
    /// The key record of the other verification.
    pub(crate) record: Vec<u8>,
}

impl CachedAnswer {
    /// Returns the verification whose call brought the answer.
    pub fn verification(&self) -> &str {
        &self.verification
    }

    /// The other verification's data key and outcome. `None` when the outcome does not open, is of a version that this one
    /// cannot read, or belongs to another tenant, kind or coalescing key than the job that may reuse it.
    pub fn open(&self, vault: &Vault) -> Option<(DataKey, Outcome)> {
        let owner = self.asked_by.owner(&self.verification);
        let key = vault.key(owner, &self.record).ok()?;
        let opened = key
            .open(&self.asked_by.outcome_part(), &self.outcome)
            .ok()?;
        Some((key, serde_json::from_slice(&opened.bytes).ok()?))
    }
}

impl fmt::Debug for CachedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedAnswer({})", self.verification)
    }
}
