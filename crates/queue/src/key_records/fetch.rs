//! Fetches the key records of jobs, wherever they are.

use kyc_domain::VerificationId;

use crate::{Error, Queue, key_records::places::is_whole};

/// Why a process without a store cannot read or delete what is in one.
pub(crate) const NO_STORE: &str = "they are in a store that this process does not know; set key_records, or key_records_before, as it was when the jobs were accepted";

impl Queue {
    /// Returns the whole key records of jobs whose hashes hold these fields, in their order; `None` for each that is gone. It
    /// asks nobody if the fields are the whole records.
    ///
    /// # Errors
    ///
    /// [`Error::KeyRecords`] if a record is in a store that does not answer, or that this process does not know.
    pub(crate) async fn key_records(
        &self,
        jobs: Vec<(VerificationId, Vec<u8>)>,
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let names = (0..jobs.len()).filter(|nth| !jobs[*nth].1.is_empty());
        let names: Vec<usize> = names.filter(|nth| !is_whole(&jobs[*nth].1)).collect();
        let ids: Vec<VerificationId> = jobs.iter().map(|(id, _)| *id).collect();
        let fields = jobs.into_iter().map(|(_, field)| field);
        let mut records: Vec<Option<Vec<u8>>> = fields
            .map(|field| Some(field).filter(|field| is_whole(field)))
            .collect();
        if names.is_empty() {
            return Ok(records);
        }
        let wanted: Vec<VerificationId> = names.iter().map(|nth| ids[*nth]).collect();
        for (nth, found) in names.into_iter().zip(self.in_stores(&wanted).await?) {
            records[nth] = found;
        }
        Ok(records)
    }

    async fn in_stores(&self, ids: &[VerificationId]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let stores = &self.config().key_records;
        if !stores.is_any() {
            return Err(Error::KeyRecords(NO_STORE.to_owned()));
        }
        let mut found = stores.get(ids).await?;
        if found.iter().all(Option::is_some) {
            return Ok(found);
        }
        // It may have moved to its job meanwhile.
        let mut ask = redis::pipe();
        for id in ids {
            ask.hget(self.key(&format!("job:{id}")), "key");
        }
        let fields: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        for (found, field) in found.iter_mut().zip(fields) {
            if found.is_none() {
                *found = field.filter(|field| is_whole(field));
            }
        }
        Ok(found)
    }
}
