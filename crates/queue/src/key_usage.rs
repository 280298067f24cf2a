//! Which keys are still needed, and for how much. It needs no key: what is sealed names its key.

use std::collections::BTreeMap;

use kyc_domain::{Tenant, streams};
use kyc_vault::key_id;
use redis::{Value, streams::StreamRangeReply};
use serde::Serialize;

use crate::{Error, Queue};

/// Entries of an inbox that are read together.
const AT_ONCE: usize = 200;

/// What one key-encryption key still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeyUsage {
    /// Jobs whose data keys are wrapped for it. Rewrapping brings this to 0.
    pub jobs: u64,
    /// Sealed jobs in inboxes. Workers with the key accept them.
    pub inbox: u64,
    /// Rejected entries of inboxes. They are sealed with it until they are dropped.
    pub rejected: u64,
    /// Whether the index keys are sealed with it. Rewrapping ends this.
    pub index_keys: bool,
}

impl KeyUsage {
    /// Returns whether nothing needs the key.
    pub fn is_unused(&self) -> bool {
        *self == Self::default()
    }
}

impl Queue {
    /// Returns what each key still holds, by the ids of the keys; `?` stands for what names no key. Jobs are read in bounded steps.
    pub async fn key_usage(&self) -> Result<BTreeMap<String, KeyUsage>, Error> {
        let mut usage: BTreeMap<String, KeyUsage> = BTreeMap::new();
        let mut cursor = 0;
        loop {
            let (next, keys) = self.scan_jobs(cursor).await?;
            for id in self.keys_of_jobs(&keys).await? {
                usage.entry(id).or_default().jobs += 1;
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        let own = self.tenants().await?;
        let all = own.iter().map(String::as_str).chain([Tenant::DEFAULT]);
        let all: std::collections::BTreeSet<&str> = all.collect();
        for tenant in all {
            self.keys_of_inbox(&streams::inbox(tenant), &mut usage)
                .await?;
        }
        for (id, count) in self.keys_of_rejected().await? {
            usage.entry(id).or_default().rejected += count;
        }
        let mut ask = redis::cmd("GET");
        ask.arg(self.key("index-key"));
        let sealed: Option<Vec<u8>> = ask.query_async(&mut self.connection()).await?;
        if let Some(id) = sealed.as_deref().and_then(kyc_vault::sealed_key_id) {
            usage.entry(id.to_owned()).or_default().index_keys = true;
        }
        Ok(usage)
    }

    async fn keys_of_jobs(&self, keys: &[String]) -> Result<Vec<String>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new()); // Redis does not accept an empty pipeline.
        }
        let mut ask = redis::pipe();
        for key in keys {
            ask.hget(key, "key");
        }
        let fields: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        // A job may have been deleted since its key was read.
        let ids = fields.into_iter().flatten();
        Ok(ids
            .map(|field| key_id(&field).unwrap_or("?").to_owned())
            .collect())
    }

    async fn keys_of_inbox(
        &self,
        stream: &str,
        usage: &mut BTreeMap<String, KeyUsage>,
    ) -> Result<(), Error> {
        let mut from = "-".to_owned();
        loop {
            let ask = redis::Cmd::xrange_count(self.key(stream), &from, "+", AT_ONCE);
            let page: StreamRangeReply = ask.query_async(&mut self.connection()).await?;
            for entry in &page.ids {
                if let (Some(Value::BulkString(id)), true) =
                    (entry.map.get("key"), entry.map.contains_key("sealed"))
                {
                    let id = String::from_utf8_lossy(id).into_owned();
                    usage.entry(id).or_default().inbox += 1;
                }
            }
            match page.ids.last() {
                Some(last) => from = format!("({}", last.id),
                None => return Ok(()),
            }
        }
    }
}
