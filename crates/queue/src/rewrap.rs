//! Wrapping all data keys for the active key-encryption key, and indexing all jobs by the newest index key, so that older keys can
//! be removed. Only key records and indexes are written.

use std::collections::BTreeMap;

use kyc_domain::{Refusals, Request};
use kyc_vault::{OpenError, key_id};
use redis::Value;

use crate::{
    Error, Queue, index,
    persons::Reindexed,
    script::{self, arguments},
};

/// Keys of Redis that one step looks at.
const AT_ONCE: usize = 1000;
/// Steps between two reports.
const BETWEEN_REPORTS: u64 = 100;

/// What [`Queue::rewrap`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Key records that were read.
    pub read: u64,
    /// Those that were wrapped for another key, and are wrapped for the active one now.
    pub rewrapped: u64,
    /// Whether the keys of the blind indexes were.
    pub index_key: bool,
    /// Jobs whose numbers are indexed by the newest index key now, and were not before.
    pub reindexed: u64,
    /// Jobs whose numbers could not be indexed anew, because they cannot be opened.
    pub not_reindexed: u64,
    /// Older index keys that are needed, each with the number of jobs that need it: those with a reference or an idempotency
    /// key, until they are deleted, and those that could not be opened.
    pub index_keys: BTreeMap<String, u64>,
    /// Older index keys that no job needed, and that were dropped.
    pub dropped_index_keys: Vec<String>,
    /// Records that did not open, by the id of their key; `?` for what is no key record.
    pub unopened: BTreeMap<String, u64>,
    /// Rejected entries of the inbox, by the id of their key. They stay as they are until they are dropped.
    pub rejected: BTreeMap<String, u64>,
}

/// A key record that is to be replaced.
struct Replacement {
    id: String,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Queue {
    /// Wraps the data keys of all jobs, and the keys of the blind indexes, for the active key. Indexes the numbers of all jobs by
    /// the newest index key, and drops the older ones that no job needs any more. Can be stopped and begun again at any time,
    /// and runs beside workers. `parse` reads a request as it was accepted; `report` is called now and then with the number of
    /// records that were read.
    pub async fn rewrap(
        &self,
        parse: impl Fn(&[u8]) -> Result<Request, Refusals>,
        mut report: impl FnMut(u64),
    ) -> Result<Rewrapped, Error> {
        let mut done = Rewrapped {
            index_key: index::rewrap(self.at(&mut self.connection())).await?,
            ..Rewrapped::default()
        };
        let index = self.current_index().await?;
        let (prefix, mut reindexed) = (self.key("job:"), Reindexed::default());
        let mut cursor = 0_u64;
        for step in 1_u64.. {
            let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(format!("{}*", escaped(&self.key("job:"))))
                .arg("COUNT")
                .arg(AT_ONCE)
                .query_async(&mut self.connection())
                .await?;
            self.rewrap_some(&keys, &mut done).await?;
            let ids = keys.iter().filter_map(|key| key.strip_prefix(&prefix));
            let ids: Vec<String> = ids.map(ToOwned::to_owned).collect();
            self.reindex_some(&index, &ids, &parse, &mut reindexed)
                .await?;
            cursor = next;
            if step % BETWEEN_REPORTS == 0 {
                report(done.read);
            }
            if cursor == 0 {
                break;
            }
        }
        done.dropped_index_keys = self
            .drop_index_keys(&index, |id| reindexed.needs.contains_key(id))
            .await?;
        done.reindexed = reindexed.done;
        done.not_reindexed = reindexed.left;
        done.index_keys = reindexed.needs;
        done.rejected = self.keys_of_rejected().await?;
        Ok(done)
    }

    async fn rewrap_some(&self, keys: &[String], done: &mut Rewrapped) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut ask = redis::pipe();
        for key in keys {
            ask.hget(key, "key");
        }
        let records: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        let mut replacements = Vec::new();
        for (key, record) in keys.iter().zip(records) {
            let Some(old) = record else { continue };
            let id = key.rsplit(':').next().unwrap_or_default();
            done.read += 1;
            match self.vault().rewrap(id, &old) {
                Ok(None) => {}
                Ok(Some(new)) => replacements.push(Replacement {
                    id: id.to_owned(),
                    old,
                    new,
                }),
                Err(error @ OpenError::NoKeys) => return Err(Error::Sealed(error)),
                Err(_) => {
                    let key = key_id(&old).unwrap_or("?").to_owned();
                    *done.unopened.entry(key).or_default() += 1;
                }
            }
        }
        if replacements.is_empty() {
            return Ok(());
        }
        let count: u64 = self
            .run(&script::REWRAP, |call| {
                for Replacement { id, old, new } in &replacements {
                    arguments::RewrappedRecord { id, old, new }.write(call);
                }
            })
            .await?;
        done.rewrapped += count;
        Ok(())
    }

    /// How many rejected entries need which key.
    async fn keys_of_rejected(&self) -> Result<BTreeMap<String, u64>, Error> {
        let (mut from, mut count) = ("-".to_owned(), BTreeMap::new());
        loop {
            let page = self.rejected_from(&from).await?;
            for entry in &page.ids {
                let Some(Value::BulkString(sealed)) = entry.map.get("job") else {
                    continue;
                };
                if let Some(id) = kyc_vault::sealed_key_id(sealed) {
                    *count.entry(id.to_owned()).or_default() += 1;
                }
            }
            match page.ids.last() {
                Some(last) => from = format!("({}", last.id),
                None => return Ok(count),
            }
        }
    }
}

/// A text as a pattern that matches it alone.
fn escaped(text: &str) -> String {
    let special = |letter: char| matches!(letter, '*' | '?' | '[' | ']' | '\\' | '^' | '-');
    text.chars()
        .flat_map(|letter| special(letter).then_some('\\').into_iter().chain([letter]))
        .collect()
}
