//! The streams of the inbox: one of the installation, and one of each tenant that was added. A job belongs to the tenant of its
//! stream, whatever it says itself.

use kyc_domain::{Tenant, streams};
use redis::AsyncCommands as _;

use crate::{Error, Queue, enqueue::group};

/// The set of the tenants that have streams of their own.
const TENANTS: &str = "tenants";
/// The set of removed tenants whose results streams are not empty yet.
const REMOVED: &str = "removed-tenants";

impl Queue {
    /// Adds a tenant with an inbox and a results stream of its own: `{name}:inbox:TENANT` and `{name}:results:TENANT`. Workers
    /// read the inbox within seconds. Returns whether the tenant is new.
    pub async fn add_tenant(&self, tenant: &str) -> Result<bool, Error> {
        let mut redis = self.connection();
        group::create(&mut redis, &self.key(&streams::inbox(tenant))).await?;
        let mut add = redis::pipe();
        add.atomic().srem(self.key(REMOVED), tenant).ignore();
        add.sadd(self.key(TENANTS), tenant);
        let (is_new,) = add.query_async(&mut redis).await?;
        Ok(is_new)
    }

    /// Removes a tenant: workers stop reading its inbox, which stays as it is, and the rate of acceptance goes. Its results are
    /// deleted when their time is over. Returns whether the tenant was there.
    pub async fn remove_tenant(&self, tenant: &str) -> Result<bool, Error> {
        self.set_acceptance(tenant, None).await?;
        let mut remove = redis::pipe();
        remove.atomic().sadd(self.key(REMOVED), tenant).ignore();
        remove.srem(self.key(TENANTS), tenant);
        let (was_there,) = remove.query_async(&mut self.connection()).await?;
        Ok(was_there)
    }

    /// Returns the removed tenants whose results are not all deleted.
    pub(crate) async fn removed_tenants(&self) -> Result<Vec<String>, Error> {
        Ok(self.connection().smembers(self.key(REMOVED)).await?)
    }

    /// Returns all streams of the inbox, without the queue's prefix.
    pub(crate) async fn inbox_streams(&self) -> Result<Vec<String>, Error> {
        let tenants = self.tenants().await?;
        let own = tenants.iter().map(|tenant| streams::inbox(tenant));
        Ok([streams::inbox(Tenant::DEFAULT)]
            .into_iter()
            .chain(own)
            .collect())
    }

    /// Returns the tenants with streams of their own, in alphabetical order.
    pub async fn tenants(&self) -> Result<Vec<String>, Error> {
        let mut tenants: Vec<String> = self.connection().smembers(self.key(TENANTS)).await?;
        tenants.sort_unstable();
        Ok(tenants)
    }
}
