//! Lists whose images are in the store, and marks whose store it is.

use futures::{Stream, TryStreamExt as _, future, stream};
use object_store::Error;
use object_store::path::Path;

use crate::error::Action;
use crate::{Blobs, StoreError};

/// The key of the object that names the owner. Keys of images have three parts.
const OWNER: &str = "owner";

impl Blobs {
    /// Lists the tenant and the id of every verification that has objects in the store. One may be listed twice.
    /// Objects that have another form than `{tenant}/{verification}/{name}` are skipped.
    ///
    /// # Errors
    ///
    /// The stream ends with a [`StoreError`] if the store fails.
    pub fn verifications(&self) -> impl Stream<Item = Result<(String, String), StoreError>> + '_ {
        let prefix = &self.location().prefix;
        let listed = self.store().list(Some(prefix));
        let listed = stream::try_unfold(listed, move |mut listed| async move {
            let next = self.in_time(Action::Read, "", listed.try_next()).await?;
            let next = next.map_err(|source| self.failed(Action::Read, "", source))?;
            Ok::<_, StoreError>(next.map(|object| (object, listed)))
        });
        let mut last = None;
        listed
            .try_filter_map(move |object| future::ok(of_image(prefix, &object.location)))
            // A store lists the objects of one verification in a row.
            .try_filter(move |found| {
                let is_new = last.as_ref() != Some(found);
                last = Some(found.clone());
                future::ready(is_new)
            })
    }

    /// Makes `owner` the owner of the store unless it has one. Returns whether `owner` owns it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store fails.
    pub async fn claim(&self, owner: &str) -> Result<bool, StoreError> {
        if self.create(OWNER, owner.to_owned().into()).await? {
            return Ok(true);
        }
        match self.read(OWNER).await {
            Ok(known) => Ok(known == owner),
            // A person deleted it just now. The next claim succeeds.
            Err(StoreError::Failed {
                source: Error::NotFound { .. },
                ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Returns tenant and verification of an image.
fn of_image(prefix: &Path, location: &Path) -> Option<(String, String)> {
    let mut parts = location.prefix_match(prefix)?;
    let tenant = parts.next()?.as_ref().to_owned();
    let verification = parts.next()?.as_ref().to_owned();
    parts.next()?;
    parts.next().is_none().then_some((tenant, verification))
}
