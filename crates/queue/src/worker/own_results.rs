//! The tenants that have a results stream of their own.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use crate::{Error, Queue};

/// The tenants, as of the last reading: a new one counts within a quarter of a lease.
#[derive(Default)]
pub(crate) struct OwnResults(RwLock<HashSet<String>>);

impl OwnResults {
    /// Reads the tenants again.
    pub(crate) async fn refresh(&self, queue: &Queue) -> Result<(), Error> {
        let tenants = queue.tenants().await?.into_iter().collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tenants;
        Ok(())
    }

    /// Returns the tenant if it has a stream of its own, otherwise an empty text.
    pub(crate) fn of<'a>(&self, tenant: &'a str) -> &'a str {
        let tenants = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if tenants.contains(tenant) { tenant } else { "" }
    }
}
