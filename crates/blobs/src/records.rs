//! Small objects of one verification each, such as its key record. They lie in a store of their own, apart from images.

use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, future};
use object_store::path::Path;
use object_store::{Error, ObjectStoreExt as _, PutMode, UpdateVersion};

use crate::error::Action;
use crate::key::{self, Key};
use crate::{Blobs, StoreError};

/// The name of the object beside the records that names their owner.
const OWNER: &str = "owner";

impl Blobs {
    /// Writes the record of a verification, also in place of another one. `group` separates the records of several queues.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store fails, or the group or the verification is not safe in a path.
    pub async fn put_record(
        &self,
        group: &str,
        verification: &str,
        record: Bytes,
    ) -> Result<(), StoreError> {
        self.overwrite(&record_key(group, verification)?, record)
            .await
    }

    /// Writes the record of a verification in place of another one. A record that was deleted stays deleted. A local folder
    /// cannot tell a deletion at the same moment, so callers look again.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Blobs::put_record`].
    pub async fn replace_record(
        &self,
        group: &str,
        verification: &str,
        record: Bytes,
    ) -> Result<(), StoreError> {
        let key = record_key(group, verification)?;
        let path = key::path(&self.location().prefix, &key);
        let head = self
            .in_time(Action::Read, &key, self.store().head(&path))
            .await?;
        let known = match head {
            Ok(known) => known,
            Err(Error::NotFound { .. }) => return Ok(()),
            Err(source) => return Err(self.failed(Action::Read, &key, source)),
        };
        if self.location().folder.is_some() {
            return self.overwrite(&key, record).await;
        }
        let version = UpdateVersion {
            e_tag: known.e_tag,
            version: known.version,
        };
        match self.write(&key, record, PutMode::Update(version)).await? {
            // It was deleted or written by another process meanwhile.
            Ok(()) | Err(Error::Precondition { .. } | Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed(Action::Write, &key, source)),
        }
    }

    /// Reads the record of a verification; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Blobs::put_record`].
    pub async fn record(
        &self,
        group: &str,
        verification: &str,
    ) -> Result<Option<Bytes>, StoreError> {
        let key = record_key(group, verification)?;
        match self.read(&key).await {
            Ok(record) => Ok(Some(record)),
            Err(StoreError::Failed {
                source: Error::NotFound { .. },
                ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes the record of a verification. Succeeds if there is none.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Blobs::put_record`].
    pub async fn delete_record(&self, group: &str, verification: &str) -> Result<(), StoreError> {
        self.delete_at(&record_key(group, verification)?).await
    }

    /// Lists the names of all objects of a group.
    ///
    /// # Errors
    ///
    /// The stream ends with a [`StoreError`] if the store fails.
    pub fn records(&self, group: &str) -> impl Stream<Item = Result<String, StoreError>> + '_ {
        let folder = key::path(&self.location().prefix, group);
        let listed = self.store().list(Some(&folder));
        listed
            .map_err(|source| self.failed(Action::Read, "", source))
            .try_filter_map(move |object| future::ok(name_in(&folder, &object.location)))
    }

    /// Makes `owner` the owner of a group unless it has one. Returns whether `owner` owns it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store fails.
    pub async fn claim_records(&self, group: &str, owner: &str) -> Result<bool, StoreError> {
        let key = record_key(group, OWNER)?;
        if self.create(&key, owner.to_owned().into()).await? {
            return Ok(true);
        }
        let known = self.record(group, OWNER).await?;
        Ok(known.is_some_and(|known| known == owner))
    }

    /// Writes an object. The inner error is that of the store.
    async fn write(
        &self,
        key: &str,
        content: Bytes,
        mode: PutMode,
    ) -> Result<Result<(), Error>, StoreError> {
        let path = key::path(&self.location().prefix, key);
        let put = self.store().put_opts(&path, content.into(), mode.into());
        Ok(self.in_time(Action::Write, key, put).await?.map(drop))
    }

    async fn overwrite(&self, key: &str, content: Bytes) -> Result<(), StoreError> {
        let written = self.write(key, content, PutMode::Overwrite).await?;
        written.map_err(|source| self.failed(Action::Write, key, source))
    }
}

fn record_key(group: &str, verification: &str) -> Result<String, StoreError> {
    // Checks both, so that the path cannot reach outside the store.
    Key::new(group, verification, "record")?;
    Ok(format!("{group}/{verification}"))
}

fn name_in(folder: &Path, location: &Path) -> Option<String> {
    let mut parts = location.prefix_match(folder)?;
    let name = parts.next()?.as_ref().to_owned();
    parts.next().is_none().then_some(name)
}
