//! The streams of the inbox: one of the installation, and one of each tenant that was added. A job belongs to the tenant of its
//! stream, whatever it says itself.

use redis::AsyncCommands as _;

use crate::{Error, Queue};

/// The set of the tenants that have streams of their own.
const TENANTS: &str = "tenants";
/// The tenant of the installation's own stream.
pub(crate) const DEFAULT: &str = "default";
/// The consumer group of all workers.
pub(crate) const GROUP: &str = "pods";

/// The stream of a tenant's jobs, without the queue's prefix.
pub(crate) fn inbox_of(tenant: &str) -> String {
    if tenant == DEFAULT {
        "inbox".to_owned()
    } else {
        format!("inbox:{tenant}")
    }
}

/// The stream of a tenant's own results, without the queue's prefix.
pub(crate) fn results_of(tenant: &str) -> String {
    format!("results:{tenant}")
}

impl Queue {
    /// Gives a tenant an inbox and a results stream of its own: `{name}:inbox:TENANT`, `{name}:results:TENANT`. Workers read
    /// the inbox within seconds. Returns whether it is new.
    pub async fn add_tenant(&self, tenant: &str) -> Result<bool, Error> {
        let mut redis = self.connection();
        let stream = self.key(&inbox_of(tenant));
        let made = redis::cmd("XGROUP")
            .arg("CREATE")
            .arg(stream)
            .arg(GROUP)
            .arg("0")
            .arg("MKSTREAM")
            .exec_async(&mut redis)
            .await;
        match made {
            Err(error) if error.code() == Some("BUSYGROUP") => {}
            made => made?,
        }
        Ok(redis.sadd(self.key(TENANTS), tenant).await?)
    }

    /// Lets workers stop reading a tenant's inbox. What is in it stays there, as do its results. Returns whether it was there.
    pub async fn remove_tenant(&self, tenant: &str) -> Result<bool, Error> {
        Ok(self.connection().srem(self.key(TENANTS), tenant).await?)
    }

    /// All streams of the inbox, without the queue's prefix.
    pub(crate) async fn inbox_streams(&self) -> Result<Vec<String>, Error> {
        let tenants = self.tenants().await?;
        let own = tenants.iter().map(|tenant| inbox_of(tenant));
        Ok([inbox_of(DEFAULT)].into_iter().chain(own).collect())
    }

    /// The tenants with streams of their own, in alphabetical order.
    pub async fn tenants(&self) -> Result<Vec<String>, Error> {
        let mut tenants: Vec<String> = self.connection().smembers(self.key(TENANTS)).await?;
        tenants.sort_unstable();
        Ok(tenants)
    }
}
