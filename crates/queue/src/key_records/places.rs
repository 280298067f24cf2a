//! Where the key records of a queue are: with their jobs, in a store, or still in the store that was used before.

use std::{sync::Arc, time::Duration};

use kyc_domain::VerificationId;
use kyc_vault::{is_record_name, record_name};

use crate::{
    Error,
    key_records::store::{KeyRecordStore, StoreAnswer},
};

/// The longest operation of a store. After it, the store counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(5);

/// The places of key records. The default is with the jobs, in the queue's Redis.
#[derive(Clone, Default)]
pub struct KeyRecords {
    /// The store that new records are written to; `None` for the queue's Redis.
    pub store: Option<Arc<dyn KeyRecordStore>>,
    /// The store that was used before. Records are still read and deleted there, and [`crate::Queue::rewrap`] moves them.
    pub before: Option<Arc<dyn KeyRecordStore>>,
}

/// Whether a job's hash holds its whole key record, and not only the record's name.
pub(crate) fn is_whole(field: &[u8]) -> bool {
    !field.is_empty() && !is_record_name(field)
}

impl KeyRecords {
    /// Returns what a job's hash holds of its key record.
    pub(crate) fn field<'r>(&self, record: &'r [u8]) -> &'r [u8] {
        match self.store {
            Some(_) => record_name(record).unwrap_or(record),
            None => record,
        }
    }

    /// Returns whether there is a store in which records may be.
    pub(crate) fn is_any(&self) -> bool {
        self.store.is_some() || self.before.is_some()
    }

    /// The store, then the one before it.
    pub(crate) fn stores(&self) -> impl Iterator<Item = &dyn KeyRecordStore> {
        [&self.store, &self.before]
            .into_iter()
            .filter_map(Option::as_deref)
    }

    /// Writes records to the store, if there is one.
    pub(crate) async fn put(&self, records: &[(VerificationId, Vec<u8>)]) -> Result<(), Error> {
        match &self.store {
            Some(store) if !records.is_empty() => in_time(store.put(records)).await,
            _ => Ok(()),
        }
    }

    /// Writes records to the store in place of others, if there is one.
    pub(crate) async fn replace(&self, records: &[(VerificationId, Vec<u8>)]) -> Result<(), Error> {
        match &self.store {
            Some(store) if !records.is_empty() => in_time(store.replace(records)).await,
            _ => Ok(()),
        }
    }

    /// Deletes records from all stores.
    pub(crate) async fn delete(&self, ids: &[VerificationId]) -> Result<(), Error> {
        for store in self.stores().filter(|_| !ids.is_empty()) {
            in_time(store.delete(ids)).await?;
        }
        Ok(())
    }

    /// Deletes records from the store that was used before, if there is one.
    pub(crate) async fn delete_before(&self, ids: &[VerificationId]) -> Result<(), Error> {
        match &self.before {
            Some(before) if !ids.is_empty() => in_time(before.delete(ids)).await,
            _ => Ok(()),
        }
    }

    /// Returns the records in the order of the ids; `None` for each that no store has.
    pub(crate) async fn get(&self, ids: &[VerificationId]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let mut found: Vec<Option<Vec<u8>>> = vec![None; ids.len()];
        // A record may move from the second store to the first one between the two questions: it is asked again.
        let asked = [&self.store, &self.before, &self.store];
        let asked = &asked[..if self.before.is_some() { 3 } else { 1 }];
        for store in asked.iter().filter_map(|store| store.as_deref()) {
            let missing = (0..ids.len()).filter(|nth| found[*nth].is_none());
            let missing: Vec<usize> = missing.collect();
            if missing.is_empty() {
                break;
            }
            let wanted: Vec<VerificationId> = missing.iter().map(|nth| ids[*nth]).collect();
            for (nth, record) in missing.into_iter().zip(in_time(store.get(&wanted)).await?) {
                found[nth] = record;
            }
        }
        Ok(found)
    }

    /// Checks that all stores answer.
    pub(crate) async fn reach(&self) -> Result<(), Error> {
        let nobody = [VerificationId::generate()];
        for store in self.stores() {
            in_time(store.get(&nobody)).await?;
        }
        Ok(())
    }
}

/// Waits for an answer, but not for ever.
pub(crate) async fn in_time<T>(answer: StoreAnswer<'_, T>) -> Result<T, Error> {
    let slow = |_| Err("it does not answer in time".to_owned());
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    answer.unwrap_or_else(slow).map_err(Error::KeyRecords)
}
