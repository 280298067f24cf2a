//! What a verification left in the store, whether or not an outcome names it: images of a call that was called off, of an
//! attempt that failed, and files that a crash left half written.

use std::path::Path as FilePath;
use std::time::{Duration, SystemTime};

use futures::TryStreamExt as _;
use object_store::{Error, ObjectStoreExt as _};

use crate::disk::is_staged;
use crate::error::Action;
use crate::key::{self, Key};
use crate::store::of_folder;
use crate::{Blobs, StoreError};

/// A file that is being written is younger.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

impl Blobs {
    /// Deletes everything that a verification has in the store. Answers how many objects that were, half-written files
    /// included.
    ///
    /// # Errors
    ///
    /// [`StoreError`] for trouble with the store.
    pub async fn delete_all(&self, tenant: &str, verification: &str) -> Result<usize, StoreError> {
        // Checks both: neither may reach outside the store.
        Key::new(tenant, verification, "photo")?;
        let place = format!("{tenant}/{verification}");
        if let Some(folder) = &self.location().folder {
            let folder = folder.join(tenant).join(verification);
            let work = tokio::task::spawn_blocking(move || remove(&folder));
            let removed = work.await.map_err(|_| StoreError::Interrupted)?;
            return removed
                .map_err(|source| self.failed(Action::Delete, &place, of_folder(source)));
        }
        let failed = |source| self.failed(Action::Delete, &place, source);
        let path = key::path(&self.location().prefix, &place);
        let objects: Vec<_> = self
            .store()
            .list(Some(&path))
            .try_collect()
            .await
            .map_err(failed)?;
        for object in &objects {
            match self.store().delete(&object.location).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(source) => return Err(failed(source)),
            }
        }
        Ok(objects.len())
    }

    /// Deletes files that a crash left half written more than a day ago. Answers how many. Other stores have none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Interrupted`], when the program ends meanwhile.
    pub async fn sweep(&self) -> Result<usize, StoreError> {
        let Some(folder) = self.location().folder.clone() else {
            return Ok(0);
        };
        let work = tokio::task::spawn_blocking(move || swept(&folder, 2));
        work.await.map_err(|_| StoreError::Interrupted)
    }
}

fn remove(folder: &FilePath) -> std::io::Result<usize> {
    let count = match std::fs::read_dir(folder) {
        Ok(files) => files.count(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    std::fs::remove_dir_all(folder)?;
    // The last one of a tenant leaves no folder that names it; any other is still there.
    let _ = folder.parent().map(std::fs::remove_dir);
    Ok(count)
}

/// Files of folders so deep below this one. What cannot be looked at is left.
fn swept(folder: &FilePath, depth: u32) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if depth > 0 {
            count += swept(&path, depth - 1);
        } else if is_half_written(&entry) && std::fs::remove_file(&path).is_ok() {
            count += 1;
        }
    }
    count
}

/// An image is written beside its place, and moved there.
fn is_half_written(entry: &std::fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    let changed = entry.metadata().and_then(|known| known.modified());
    let age = changed
        .ok()
        .and_then(|at| SystemTime::now().duration_since(at).ok());
    is_staged(&name).is_some() && age.is_some_and(|age| age > ABANDONED)
}
