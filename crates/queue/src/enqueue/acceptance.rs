//! How fast jobs of a tenant are accepted from its inbox, by all workers together.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::{Tenant, streams};
use serde::Serialize;

use crate::{Error, Queue, Rate, units::millis};

/// What may be accepted at once after a quiet time: as much as comes in this time. A reader of an inbox pauses for about as long.
const AT_ONCE: Duration = Duration::from_millis(100);

/// The inbox of a tenant.
#[derive(Clone, Debug, Serialize)]
pub struct TenantInbox {
    /// The tenant.
    pub tenant: String,
    /// Entries that are not accepted yet.
    pub waiting: u64,
    /// How many entries are accepted in a period at most; `None` if that is not limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<Rate>,
    /// Until when that rate lets no entry through. Entries wait for it, and not for a worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited_until: Option<Timestamp>,
}

/// The fields of a rate of acceptance: calls, period, burst, and the time that it has reached.
type Fields = (Option<u32>, Option<u64>, Option<u32>, Option<i64>);

impl Queue {
    /// Sets how many entries of a tenant's inbox are accepted in a period, by all workers together; `None` removes the limit.
    /// Other entries wait in the inbox. Workers notice with the next entry. Jobs that are enqueued with a key that opens do
    /// not pass the inbox and are not counted.
    pub async fn set_acceptance(&self, tenant: &str, rate: Option<Rate>) -> Result<(), Error> {
        let key = self.acceptance_key(tenant);
        let mut redis = self.connection();
        let Some(rate) = rate else {
            redis::cmd("DEL").arg(key).exec_async(&mut redis).await?;
            return Ok(());
        };
        let mut set = redis::cmd("HSET");
        set.arg(key).arg("calls").arg(rate.calls);
        set.arg("period").arg(millis(rate.period));
        set.arg("burst").arg(burst(&rate));
        set.exec_async(&mut redis).await?;
        Ok(())
    }

    /// Returns the inboxes of all tenants, that of the tenant `default` first.
    pub async fn inboxes(&self) -> Result<Vec<TenantInbox>, Error> {
        let own = self.tenants().await?;
        let own = own.into_iter().filter(|tenant| tenant != Tenant::DEFAULT);
        let tenants: Vec<String> = [Tenant::DEFAULT.to_owned()]
            .into_iter()
            .chain(own)
            .collect();
        let (mut lengths, mut rates) = (redis::pipe(), redis::pipe());
        for tenant in &tenants {
            lengths.cmd("XLEN").arg(self.key(&streams::inbox(tenant)));
            let fields = ["calls", "period", "burst", "next"];
            let rate = rates.cmd("HMGET").arg(self.acceptance_key(tenant));
            rate.arg(&fields);
        }
        let lengths: Vec<u64> = lengths.query_async(&mut self.connection()).await?;
        let rates: Vec<Fields> = rates.query_async(&mut self.connection()).await?;
        let now_us = self.now_ms().await?.saturating_mul(1000);
        let each = tenants.into_iter().zip(lengths).zip(rates);
        let each = each.map(|((tenant, waiting), fields)| {
            let limit = Limit::of(fields);
            TenantInbox {
                tenant,
                waiting,
                accept: limit.as_ref().map(|limit| limit.rate),
                limited_until: limit
                    .filter(|limit| waiting > 0 && limit.opens_us > now_us)
                    .and_then(|limit| Timestamp::from_microsecond(limit.opens_us).ok()),
            }
        });
        Ok(each.collect())
    }

    fn acceptance_key(&self, tenant: &str) -> String {
        self.key(&format!("acceptance:{}", streams::inbox(tenant)))
    }
}

/// A rate of acceptance, and when it lets the next entry through, in microseconds by Redis' clock.
struct Limit {
    rate: Rate,
    opens_us: i64,
}

impl Limit {
    fn of((calls, period, burst, next): Fields) -> Option<Self> {
        let (calls, burst) = (calls?, burst?);
        let period = Duration::from_millis(period?);
        let interval = period.as_micros() / u128::from(calls.max(1));
        let slack = interval.saturating_mul(u128::from(burst.saturating_sub(1)));
        let slack = i64::try_from(slack).unwrap_or(i64::MAX);
        Some(Self {
            rate: Rate {
                calls,
                period,
                burst,
                margin: Duration::ZERO,
            },
            opens_us: next.unwrap_or_default().saturating_sub(slack),
        })
    }
}

fn burst(rate: &Rate) -> u128 {
    let at_once = u128::from(rate.calls) * AT_ONCE.as_millis();
    (at_once / rate.period.as_millis().max(1)).max(1)
}
