//! Finds what is stored outside the queue for jobs that the queue does not know.

use kyc_domain::VerificationId;

use crate::{Error, Queue};

/// A younger id is no orphan: by then its job may not be accepted yet, by the clock of whoever generated it.
const YOUNG_MS: i64 = 24 * 3600 * 1000;

impl Queue {
    /// Returns the name of this queue as the owner of a blob store. It is generated once and never changes while Redis keeps
    /// it. Returns `None` if it is younger than a day: then the queue is new, or Redis was emptied and may be about to be
    /// restored, and does not know whose the images are.
    pub async fn owner(&self) -> Result<Option<VerificationId>, Error> {
        let key = self.key("owner");
        let (owner, now): (String, (i64, i64)) = redis::pipe()
            .set_nx(&key, VerificationId::generate().to_string())
            .ignore()
            .get(&key)
            .cmd("TIME")
            .query_async(&mut self.connection())
            .await?;
        let owner = owner.parse().map_err(|_| Error::Answer("for the owner"))?;
        Ok(Some(owner).filter(|owner| is_old(*owner, now)))
    }

    /// Returns those ids that belong to no job and were generated more than a day ago. Returns none if `owner` is not
    /// [`Queue::owner`] any more, because Redis was emptied.
    pub async fn orphans(
        &self,
        owner: VerificationId,
        ids: &[VerificationId],
    ) -> Result<Vec<VerificationId>, Error> {
        let mut ask = redis::pipe();
        for id in ids {
            ask.exists(self.key(&format!("job:{id}")));
        }
        let mut last = redis::pipe();
        last.get(self.key("owner")).cmd("TIME");
        let mut redis = self.connection();
        let exist: Vec<bool> = ask.query_async(&mut redis).await?;
        // Read afterwards: if it is still there, Redis was not emptied before.
        let (owner_now, now): (Option<String>, (i64, i64)) = last.query_async(&mut redis).await?;
        if owner_now != Some(owner.to_string()) {
            return Ok(Vec::new());
        }
        let known = ids.iter().zip(exist);
        let orphans = known.filter(|(id, exists)| !exists && is_old(**id, now));
        Ok(orphans.map(|(id, _)| *id).collect())
    }
}

fn is_old(id: VerificationId, (seconds, _): (i64, i64)) -> bool {
    let made_at = i64::try_from(id.made_at_ms()).unwrap_or(i64::MAX);
    seconds * 1000 - YOUNG_MS > made_at
}
