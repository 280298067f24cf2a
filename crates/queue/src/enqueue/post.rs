//! Adding jobs to the inbox, as any Redis client can.

use kyc_vault::SealError;

use crate::{
    Error, Queue,
    enqueue::{content::info, tenants::inbox_of},
};

impl Queue {
    /// Adds a job in clear to the inbox of the tenant `default`. Returns the id of the entry.
    pub async fn post(&self, job: &str) -> Result<String, Error> {
        let mut add = redis::cmd("XADD");
        add.arg(self.key("inbox")).arg("*").arg("job").arg(job);
        Ok(add.query_async(&mut self.connection()).await?)
    }

    /// Seals a job with the public key of this queue's vault, and adds it to the inbox of a tenant. Returns the id of the entry.
    pub async fn post_sealed(&self, tenant: &str, job: &str) -> Result<String, Error> {
        let public = self.vault().public().ok_or(SealError)?;
        let sealed = public.seal(info(tenant).as_bytes(), job.as_bytes());
        let mut add = redis::cmd("XADD");
        add.arg(self.key(&inbox_of(tenant)))
            .arg("*")
            .arg("key")
            .arg(public.id())
            .arg("sealed")
            .arg(sealed);
        Ok(add.query_async(&mut self.connection()).await?)
    }
}
