//! Deletes key records that belong to no job: of jobs that were not accepted in the end.

use std::time::Duration;

use futures::TryStreamExt as _;
use kyc_domain::VerificationId;

use crate::{Error, Queue, key_records::places::in_time};

/// The work for which the workers of a fleet take turns.
const WORK: &str = "sweep-key-records";
/// The stores are swept this often.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// After a failure they are swept again this soon.
const AFTER_FAILURE: Duration = Duration::from_secs(3600);
/// The number of records that Redis is asked for at once.
const AT_ONCE: usize = 1000;

impl Queue {
    /// Deletes key records that are older than a day and belong to no job, if no worker of the fleet has done so within a day.
    /// Returns how many.
    ///
    /// # Errors
    ///
    /// [`Error`] if Redis or a store fails, or if the records are those of another queue.
    pub async fn sweep_key_records(&self) -> Result<usize, Error> {
        if !self.config().key_records.is_any() || !self.take_turn(WORK, DAY).await? {
            return Ok(0);
        }
        let swept = self.sweep_stores().await;
        if swept.is_err() {
            self.set_turn(WORK, AFTER_FAILURE).await?;
        }
        swept
    }

    async fn sweep_stores(&self) -> Result<usize, Error> {
        let Some(owner) = self.owner().await? else {
            return Ok(0);
        };
        let mut swept = 0;
        for store in self.config().key_records.stores() {
            if !in_time(store.claim(&owner.to_string())).await? {
                return Err(Error::KeyRecords(
                    "it holds the records of another queue of this name: give each queue a store, or a namespace, of its own"
                        .to_owned(),
                ));
            }
            let mut listed = store.ids().try_chunks(AT_ONCE);
            while let Some(ids) = listed
                .try_next()
                .await
                .map_err(|failed| Error::KeyRecords(failed.1))?
            {
                let orphans: Vec<VerificationId> = self.orphans(owner, &ids).await?;
                if !orphans.is_empty() {
                    in_time(store.delete(&orphans)).await?;
                    swept += orphans.len();
                }
            }
        }
        Ok(swept)
    }
}
