//! Wrapping all data keys for the active key-encryption key, and indexing all jobs by the newest index key, so that older keys can
//! be removed; and moving all key records to where the configuration wants them. Only key records and indexes are written.

use std::collections::BTreeMap;

use kyc_domain::{Refusals, Request, VerificationId};
use kyc_vault::{OpenError, key_id};
use redis::Value;

use crate::{
    Error, Queue, index,
    key_records::{in_time, is_whole},
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
    /// Those that were moved: from their jobs to the store of key records, from one store to another, or back to their jobs.
    pub moved: u64,
    /// Jobs whose key record is gone: they were erased.
    pub erased: u64,
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

/// A key record that opened.
struct Opened {
    id: VerificationId,
    /// What the job's hash holds.
    field: Vec<u8>,
    /// The whole record, wrapped for the active key.
    record: Vec<u8>,
    /// Whether it was wrapped for another key.
    is_rewrapped: bool,
    /// Whether it is not yet where the configuration wants it.
    is_elsewhere: bool,
}

impl Queue {
    /// Wraps the data keys of all jobs, and the keys of the blind indexes, for the active key, and moves the key records to where
    /// [`crate::Config::key_records`] wants them. Indexes the numbers of all jobs by the newest index key, and drops the older
    /// ones that no job needs any more. Can be stopped and begun again at any time, and runs beside workers. `parse` reads a
    /// request as it was accepted; `report` is called now and then with the number of records that were read.
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
            let (next, keys) = self.scan_jobs(cursor).await?;
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
        let fields: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        let id_of = |key: &String| key.rsplit(':').next()?.parse::<VerificationId>().ok();
        let jobs = keys.iter().zip(fields);
        let jobs = jobs.filter_map(|(key, field)| Some((id_of(key)?, field?)));
        let jobs: Vec<(VerificationId, Vec<u8>)> = jobs.collect();
        let opened = self.open_records(jobs, done).await?;
        self.write_to_store(&opened).await?;
        let (rewrapped, others): (Vec<&Opened>, Vec<&Opened>) =
            opened.iter().partition(|opened| opened.is_rewrapped);
        done.rewrapped += self.write_to_jobs(&rewrapped).await?;
        self.write_to_jobs(&others).await?;
        done.moved += opened.iter().filter(|opened| opened.is_elsewhere).count() as u64;
        let ids: Vec<VerificationId> = opened.iter().map(|opened| opened.id).collect();
        self.config().key_records.delete_before(&ids).await
    }

    /// Opens the key records of these jobs, of which this has what their hashes hold.
    async fn open_records(
        &self,
        jobs: Vec<(VerificationId, Vec<u8>)>,
        done: &mut Rewrapped,
    ) -> Result<Vec<Opened>, Error> {
        let in_store = self.in_store(&jobs).await?;
        let wants_store = self.config().key_records.store.is_some();
        let records = self.key_records(jobs.clone()).await?;
        let mut all = Vec::new();
        for (((id, field), record), in_store) in jobs.into_iter().zip(records).zip(in_store) {
            done.read += 1;
            let Some(old) = record else {
                done.erased += 1;
                continue;
            };
            let is_elsewhere = match wants_store {
                true => !in_store,
                false => !is_whole(&field),
            };
            match self.vault().rewrap(&id.to_string(), &old) {
                Ok(new) => all.push(Opened {
                    id,
                    field,
                    is_rewrapped: new.is_some(),
                    record: new.unwrap_or(old),
                    is_elsewhere,
                }),
                Err(error @ OpenError::NoKeys) => return Err(Error::Sealed(error)),
                Err(_) => {
                    let key = key_id(&old).unwrap_or("?").to_owned();
                    *done.unopened.entry(key).or_default() += 1;
                }
            }
        }
        Ok(all)
    }

    /// Whether the records of these jobs are in the store. They are known to be if there was none before it.
    async fn in_store(&self, jobs: &[(VerificationId, Vec<u8>)]) -> Result<Vec<bool>, Error> {
        let places = &self.config().key_records;
        let is_name = |(_, field): &(VerificationId, Vec<u8>)| !is_whole(field);
        match (&places.store, &places.before) {
            (Some(store), Some(_)) if !jobs.is_empty() => {
                let ids: Vec<VerificationId> = jobs.iter().map(|(id, _)| *id).collect();
                let found = in_time(store.get(&ids)).await?;
                Ok(found.iter().map(Option::is_some).collect())
            }
            _ => Ok(jobs.iter().map(is_name).collect()),
        }
    }

    /// Writes records to the store, if there is one, before their names are written to the jobs.
    async fn write_to_store(&self, opened: &[Opened]) -> Result<(), Error> {
        let places = &self.config().key_records;
        let with = |each: &Opened| (each.id, each.record.clone());
        let new = opened.iter().filter(|each| each.is_elsewhere);
        let new: Vec<(VerificationId, Vec<u8>)> = new.map(with).collect();
        let known = opened
            .iter()
            .filter(|each| each.is_rewrapped && !each.is_elsewhere);
        let known: Vec<(VerificationId, Vec<u8>)> = known.map(with).collect();
        if places.store.is_none() || new.is_empty() && known.is_empty() {
            return Ok(());
        }
        places.put(&new).await?;
        places.replace(&known).await?;
        // A job may have been deleted meanwhile, after its record: that must not come back.
        let written = new.iter().chain(&known).map(|(id, _)| *id);
        let written: Vec<VerificationId> = written.collect();
        let mut ask = redis::pipe();
        for id in &written {
            ask.exists(self.key(&format!("job:{id}")));
        }
        let exist: Vec<bool> = ask.query_async(&mut self.connection()).await?;
        let gone = written.iter().zip(exist).filter(|(_, exists)| !exists);
        let gone: Vec<VerificationId> = gone.map(|(id, _)| *id).collect();
        places.delete(&gone).await
    }

    /// Writes to the jobs what their hashes are to hold. Returns how many were changed.
    async fn write_to_jobs(&self, opened: &[&Opened]) -> Result<u64, Error> {
        let places = &self.config().key_records;
        let other = opened
            .iter()
            .filter(|each| each.field != places.field(&each.record));
        let other: Vec<_> = other.collect();
        if other.is_empty() {
            return Ok(0);
        }
        self.run(&script::REWRAP, |call| {
            for each in &other {
                arguments::RewrappedRecord {
                    id: &each.id.to_string(),
                    old: &each.field,
                    new: places.field(&each.record),
                }
                .write(call);
            }
        })
        .await
    }

    /// Corrects the name of a key record in its job's hash, which is behind if rewrapping broke off.
    pub(crate) async fn correct_name(
        &self,
        id: VerificationId,
        old: &[u8],
        new: &[u8],
    ) -> Result<(), Error> {
        let id = &id.to_string();
        self.run(&script::REWRAP, |call| {
            arguments::RewrappedRecord { id, old, new }.write(call);
        })
        .await
    }

    /// Returns the cursor of the next step of a walk through all jobs, which begins and ends with 0, and the Redis keys of some jobs.
    pub(crate) async fn scan_jobs(&self, cursor: u64) -> Result<(u64, Vec<String>), Error> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH");
        scan.arg(format!("{}*", escaped(&self.key("job:"))));
        scan.arg("COUNT").arg(AT_ONCE);
        Ok(scan.query_async(&mut self.connection()).await?)
    }

    /// How many rejected entries need which key.
    pub(crate) async fn keys_of_rejected(&self) -> Result<BTreeMap<String, u64>, Error> {
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
