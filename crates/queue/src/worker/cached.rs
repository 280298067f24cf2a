//! A job that needs no call: the same was asked lately, and the answer may be reused.

use std::fmt;

use kyc_domain::Outcome;
use kyc_vault::Vault;

/// The answer that another verification got.
pub struct CachedAnswer {
    pub(crate) verification: String,
    pub(crate) outcome: Vec<u8>,
}

impl CachedAnswer {
    /// The verification that asked the provider.
    pub fn verification(&self) -> &str {
        &self.verification
    }

    /// What came of it; `None` when it does not open, or is of a version that this one cannot read.
    pub fn open(&self, vault: &Vault) -> Option<Outcome> {
        let opened = vault
            .open(&self.verification, "outcome", &self.outcome)
            .ok()?;
        serde_json::from_slice(&opened.bytes).ok()
    }
}

impl fmt::Debug for CachedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedAnswer({})", self.verification)
    }
}
