//! Adding jobs in clear to the inbox, as any Redis client can.

use kyc_domain::{Tenant, streams};

use crate::{Error, Queue};

impl Queue {
    /// Adds a job in clear to the inbox of the tenant `default`. Returns the id of the entry.
    pub async fn post(&self, job: &str) -> Result<String, Error> {
        let mut add = redis::cmd("XADD");
        add.arg(self.key(&streams::inbox(Tenant::DEFAULT)))
            .arg("*")
            .arg("job")
            .arg(job);
        Ok(add.query_async(&mut self.connection()).await?)
    }
}
