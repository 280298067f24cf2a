//! Keys that this worker lacks: it takes no jobs that are sealed with them, and leaves those to other workers.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use kyc_vault::Vault;

/// The code of a job that was given back because this worker lacks its key.
pub const KEY_MISSING: &str = "key_missing";

/// The keys that this worker was found to lack, since its keys were last replaced.
#[derive(Default)]
pub(crate) struct MissingKeys(Mutex<(u64, BTreeSet<String>)>);

impl MissingKeys {
    /// Notes a key that is missing, by its id and what tells it from others of that id. It is logged once.
    pub(crate) fn note(&self, vault: &Vault, id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forget_replaced(&mut known, vault);
        if known.1.insert(id.to_owned()) {
            tracing::error!(
                key = id,
                "This worker lacks a key, and leaves all jobs that are sealed with it to other workers: add the key to its keys"
            );
        }
    }

    /// All of them, as the lease script takes them: each between blanks.
    pub(crate) fn list(&self, vault: &Vault) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forget_replaced(&mut known, vault);
        let ids = known.1.iter().map(|id| format!(" {id} "));
        ids.collect()
    }
}

fn forget_replaced(known: &mut (u64, BTreeSet<String>), vault: &Vault) {
    let replaced = vault.replaced();
    if known.0 != replaced {
        *known = (replaced, BTreeSet::new());
    }
}
