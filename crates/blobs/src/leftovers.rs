//! Deletes everything that a verification has in the store, also objects that no outcome names: images of cancelled
//! jobs and failed attempts, and half-written files after a crash.

use std::path::Path as FilePath;
use std::time::{Duration, SystemTime};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::Error;

use crate::disk::is_staged;
use crate::error::Action;
use crate::key::{self, Key};
use crate::store::of_folder;
use crate::{Blobs, StoreError};

/// Half-written files of this age are abandoned: no write takes that long.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

impl Blobs {
    /// Deletes everything that a verification has in the store. Returns the number of deleted objects, including
    /// half-written files.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store fails or the tenant or the verification is not safe in a path.
    pub async fn delete_all(&self, tenant: &str, verification: &str) -> Result<usize, StoreError> {
        // Checks tenant and verification, so that the path cannot reach outside the store.
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
        let mut listed = self.store().list(Some(&path));
        let mut objects = Vec::new();
        while let Some(object) = self
            .in_time(Action::Delete, &place, listed.try_next())
            .await?
            .map_err(failed)?
        {
            objects.push(Ok(object.location));
        }
        let count = objects.len();
        let mut deleted = self.store().delete_stream(stream::iter(objects).boxed());
        while let Some(done) = self.in_time(Action::Delete, &place, deleted.next()).await? {
            match done {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(source) => return Err(failed(source)),
            }
        }
        Ok(count)
    }

    /// Deletes half-written files that are older than a day. Returns their number. Only local folders can have such
    /// files.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Interrupted`] if the program shuts down meanwhile.
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
    // Removes the folder of a tenant without verifications. It fails if the folder is not empty, which is ignored.
    let _ = folder.parent().map(std::fs::remove_dir);
    Ok(count)
}

/// Deletes abandoned files in the folders `depth` levels below this one. Files that cannot be inspected are not
/// deleted.
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

/// Returns whether the file is half-written and older than [`ABANDONED`].
fn is_half_written(entry: &std::fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    let changed = entry.metadata().and_then(|known| known.modified());
    let age = changed
        .ok()
        .and_then(|at| SystemTime::now().duration_since(at).ok());
    is_staged(&name).is_some() && age.is_some_and(|age| age > ABANDONED)
}
