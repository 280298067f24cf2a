//! Images of jobs that the queue has deleted, and images that belong to no job.

use std::{collections::BTreeSet, time::Duration};

use futures::{FutureExt, TryStreamExt, future::BoxFuture};
use kyc_blobs::{Blobs, StoreError};
use kyc_domain::VerificationId;
use kyc_queue::{Error, Images, Queue};

/// Deletes images for the queue.
pub(crate) struct StoredImages(pub(crate) Blobs);

impl Images for StoredImages {
    fn delete<'a>(
        &'a self,
        tenant: &'a str,
        id: VerificationId,
    ) -> BoxFuture<'a, Result<(), String>> {
        async move {
            let deleted = self.0.delete_all(tenant, &id.to_string()).await;
            deleted.map(drop).map_err(|error| error.to_string())
        }
        .boxed()
    }
}

/// The work for which the workers of a fleet take turns.
const WORK: &str = "sweep-images";
/// The store is swept this often.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// After a failure it is swept again this soon.
const AFTER_FAILURE: Duration = Duration::from_secs(3600);
/// The number of verifications that Redis is asked for at once.
const AT_ONCE: usize = 100;
/// The number of orphans that one sweep deletes. The next one deletes the rest.
const MOST: usize = 10_000;

/// Why the store was not swept.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Redis failed.
    #[error(transparent)]
    Queue(#[from] Error),
    /// The blob store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The images in the store may be those of another queue.
    #[error(
        "the blob store belongs to another queue: give each queue a blob_url of its own, or delete the object `owner` from \
         the store if Redis was emptied and no other queue uses it"
    )]
    Foreign,
}

/// Deletes images that are older than a day and belong to no job of the queue, if no worker of the fleet has done so
/// within a day. Returns how many jobs' images were deleted.
///
/// # Errors
///
/// Returns [`SweepError`] if Redis or the store fails, or if the store may hold the images of another queue.
pub async fn sweep_images(queue: &Queue, blobs: &Blobs) -> Result<usize, SweepError> {
    if !queue.take_turn(WORK, DAY).await? {
        return Ok(0);
    }
    let swept = sweep(queue, blobs).await;
    if swept.is_err() {
        queue.set_turn(WORK, AFTER_FAILURE).await?;
    }
    swept
}

async fn sweep(queue: &Queue, blobs: &Blobs) -> Result<usize, SweepError> {
    let Some(owner) = queue.owner().await? else {
        return Ok(0);
    };
    if !blobs.claim(&owner.to_string()).await? {
        return Err(SweepError::Foreign);
    }
    let orphans = orphans(queue, blobs, owner).await?;
    for (tenant, id) in &orphans {
        blobs.delete_all(tenant, &id.to_string()).await?;
    }
    Ok(orphans.len())
}

/// Returns tenant and id of what belongs to no job. Nothing is deleted while the store is listed.
async fn orphans(
    queue: &Queue,
    blobs: &Blobs,
    owner: VerificationId,
) -> Result<BTreeSet<(String, VerificationId)>, SweepError> {
    let mut listed = std::pin::pin!(blobs.verifications().try_chunks(AT_ONCE));
    let mut orphans = BTreeSet::new();
    while let Some(some) = listed.try_next().await.map_err(|failed| failed.1)? {
        let stored: Vec<(String, VerificationId)> = some.into_iter().filter_map(read).collect();
        let ids: Vec<VerificationId> = stored.iter().map(|(_, id)| *id).collect();
        let unknown = queue.orphans(owner, &ids).await?;
        orphans.extend(stored.into_iter().filter(|(_, id)| unknown.contains(id)));
        if orphans.len() >= MOST {
            break;
        }
    }
    Ok(orphans)
}

/// What is not named exactly as this program names it is not its own.
fn read((tenant, id): (String, String)) -> Option<(String, VerificationId)> {
    let verification: VerificationId = id.parse().ok()?;
    (verification.to_string() == id).then_some((tenant, verification))
}
