//! The store of sealed images.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;
use bytes::Bytes;
use kyc_vault::{DataKey, Opened};
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode};

use crate::error::Action;
use crate::key::{self, Key};
use crate::location::Location;
use crate::sealed::{SealedImage, sha256};
use crate::text::Symbols;
use crate::{Image, Kept, OpenStoreError, ReadImageError, StoreError, Unusable};

/// Images with more decoded bytes are processed on a blocking thread, so that they do not delay other tasks.
const OFFLOAD: usize = 512 * 1024;

/// The timeout of an operation. The caller retries it, and nothing is lost.
const LONGEST: Duration = Duration::from_secs(5);

/// The configuration of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The largest size of a decoded image in bytes. Default: 5 MiB.
    pub max_image_bytes: usize,
    /// Whether `file://` waits until an image is on the disk, so that a published result never loses its image in a
    /// power cut. Default: true. Cloud stores always wait.
    ///
    /// Waiting dominates the cost. In a measurement it took about 12 ms for an image of 100 KB, and everything else
    /// took half a millisecond.
    pub fsync: bool,
    /// Whether a cloud store may be reached without TLS, or with a certificate that cannot be checked. Default: false.
    /// Options about that do not count, except for `allow_invalid_certificates` if this is true.
    pub allow_plaintext: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_image_bytes: 5 * 1024 * 1024,
            fsync: true,
            allow_plaintext: false,
        }
    }
}

/// A store of sealed images. Cheap to clone. `Debug` shows its URL without credentials.
#[derive(Clone)]
pub struct Blobs {
    location: Arc<Location>,
    max_image_bytes: usize,
}

impl Blobs {
    /// Opens the store at `url` without options: `file:///folder`, `memory://`, or a cloud store that requires none.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Blobs::open_with`].
    pub fn open(url: &str, config: Config) -> Result<Self, OpenStoreError> {
        Self::open_with(url, [], config)
    }

    /// Opens the store at `url` with options, which have the names of `object_store`. Unknown options are
    /// ignored, and so are proxies, also those of the environment.
    ///
    /// A local folder is created. A cloud store is not contacted; use [`Blobs::check`] for this.
    ///
    /// # Errors
    ///
    /// Returns [`OpenStoreError`] if the URL, the folder or the options are invalid.
    pub fn open_with(
        url: &str,
        options: impl IntoIterator<Item = (String, String)>,
        config: Config,
    ) -> Result<Self, OpenStoreError> {
        let Config {
            max_image_bytes,
            fsync,
            allow_plaintext,
        } = config;
        let options = options.into_iter().collect();
        let location = Location::open(url, options, fsync, allow_plaintext)?;
        Ok(Self {
            location: Arc::new(location),
            max_image_bytes,
        })
    }

    /// Writes a small object, reads it back and deletes it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] with the operation that failed.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut content = vec![0; 16];
        rand::fill(&mut content)
            .expect("sealing requires random numbers too, so the vault has already had some");
        let key = format!("probe-{}", hex::encode(&content));
        self.create(&key, content.clone().into()).await?;
        let read = self.read(&key).await;
        self.delete_at(&key).await?;
        if read? == content {
            Ok(())
        } else {
            Err(StoreError::Unfaithful { store: self.name() })
        }
    }

    /// Decodes, recognises, seals and stores the image in `text`, as the part `name` of the verification.
    ///
    /// The call is safe to repeat and never overwrites an object; the crate's documentation describes this. Images are
    /// processed on the calling thread unless they are large. This takes a fraction of a millisecond for 100 KB.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store fails, the key is invalid, or the data key belongs to another verification.
    /// A text that is not an image is not an error but [`Kept::Unusable`].
    pub async fn keep(
        &self,
        key: &DataKey,
        tenant: &str,
        verification: &str,
        name: &str,
        text: &str,
    ) -> Result<Kept, StoreError> {
        let place = Key::new(tenant, verification, name)?;
        if key.verification() != verification {
            return Err(StoreError::ForeignKey {
                verification: verification.to_owned(),
            });
        }
        match self.seal(key, name, text).await? {
            Ok(image) => {
                let flaw = image.flaw;
                let image = self.put_once(key, &place, image).await?;
                Ok(Kept::Image(image, flaw))
            }
            Err(unusable) => Ok(Kept::Unusable(unusable)),
        }
    }

    /// Reads and opens a stored image of the verification that `data_key` belongs to. `part_name` is [`Image::name`], and
    /// `blob_key` is [`Image::key`].
    ///
    /// # Errors
    ///
    /// Returns [`ReadImageError`] if the image does not exist, the store fails, or the image does not open.
    pub async fn open_image(
        &self,
        data_key: &DataKey,
        part_name: &str,
        blob_key: &str,
    ) -> Result<Opened, ReadImageError> {
        key::check(blob_key)?;
        let key = || blob_key.to_owned();
        let sealed = self.read(blob_key).await.map_err(|error| match error {
            StoreError::Failed {
                source: Error::NotFound { .. },
                key,
                store,
                ..
            } => ReadImageError::NotFound { key, store },
            other => ReadImageError::Store(other),
        })?;
        data_key
            .open(part_name, &sealed)
            .map_err(|source| ReadImageError::Sealed { key: key(), source })
    }

    /// Deletes a stored image. Succeeds if the image does not exist.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the store fails or the key is invalid.
    pub async fn delete(&self, blob_key: &str) -> Result<(), StoreError> {
        key::check(blob_key)?;
        self.delete_at(blob_key).await
    }

    async fn seal(
        &self,
        key: &DataKey,
        name: &str,
        text: &str,
    ) -> Result<Result<SealedImage, Unusable>, StoreError> {
        let symbols = match Symbols::parse(text, self.max_image_bytes) {
            Ok(symbols) => symbols,
            Err(unusable) => return Ok(Err(unusable)),
        };
        if symbols.decoded_len() <= OFFLOAD {
            return Ok(SealedImage::seal(key, name, &symbols));
        }
        let (key, name, symbols) = (key.clone(), name.to_owned(), symbols.into_owned());
        let work = move || SealedImage::seal(&key, &name, &symbols);
        match tokio::task::spawn_blocking(work).await {
            Ok(sealed) => Ok(sealed),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StoreError::Interrupted),
            },
        }
    }

    /// Stores the image under the first of its keys that is free or already has it.
    pub(crate) async fn put_once(
        &self,
        key: &DataKey,
        place: &Key<'_>,
        mut image: SealedImage,
    ) -> Result<Image, StoreError> {
        let sealed = Bytes::from(std::mem::take(&mut image.sealed));
        let [first, second] = place.choices(&image.sha256);
        for blob_key in [first, second.clone()] {
            if self.create(&blob_key, sealed.clone()).await?
                || self
                    .holds(key, place.name, &blob_key, &image.sha256)
                    .await?
            {
                return Ok(image.describe(place.name, blob_key));
            }
        }
        Err(StoreError::Taken {
            key: second,
            store: self.name(),
        })
    }

    /// Returns whether the object under a taken key is this image. An object that does not open is not.
    async fn holds(
        &self,
        key: &DataKey,
        name: &str,
        blob_key: &str,
        wanted: &str,
    ) -> Result<bool, StoreError> {
        let sealed = self.read(blob_key).await?;
        Ok(key
            .open(name, &sealed)
            .is_ok_and(|opened| sha256(&opened.bytes) == wanted))
    }

    /// Creates an object and returns `true`, or returns `false` if it already exists.
    pub(crate) async fn create(&self, key: &str, content: Bytes) -> Result<bool, StoreError> {
        if let Some(disk) = &self.location.disk {
            let created = self.in_time(Action::Write, key, disk.create(key, content));
            return created.await?.map_err(|source| {
                let source = of_folder(source);
                self.failed(Action::Write, key, source)
            });
        }
        let path = key::path(&self.location.prefix, key);
        let put = self
            .store()
            .put_opts(&path, content.into(), PutMode::Create.into());
        match self.in_time(Action::Write, key, put).await? {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. }) => Ok(false),
            Err(source) => Err(self.failed(Action::Write, key, source)),
        }
    }

    pub(crate) async fn read(&self, key: &str) -> Result<Bytes, StoreError> {
        let path = key::path(&self.location.prefix, key);
        let read = async { self.store().get(&path).await?.bytes().await };
        self.in_time(Action::Read, key, read)
            .await?
            .map_err(|source| self.failed(Action::Read, key, source))
    }

    pub(crate) async fn delete_at(&self, key: &str) -> Result<(), StoreError> {
        let path = key::path(&self.location.prefix, key);
        let delete = self.store().delete(&path);
        match self.in_time(Action::Delete, key, delete).await? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed(Action::Delete, key, source)),
        }
    }

    /// Runs an operation with a timeout, so that a store that does not answer does not block the caller.
    pub(crate) async fn in_time<T>(
        &self,
        action: Action,
        key: &str,
        work: impl Future<Output = T>,
    ) -> Result<T, StoreError> {
        let slow = |_| StoreError::Slow {
            action,
            key: key.to_owned(),
            store: self.name(),
        };
        tokio::time::timeout(LONGEST, work).await.map_err(slow)
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    pub(crate) fn store(&self) -> &dyn ObjectStore {
        &*self.location.store
    }

    pub(crate) fn name(&self) -> String {
        self.location.name.clone()
    }

    pub(crate) fn failed(&self, action: Action, key: &str, source: Error) -> StoreError {
        StoreError::Failed {
            action,
            key: key.to_owned(),
            store: self.name(),
            source,
        }
    }
}

/// Converts an error of the operating system into one of the store.
pub(crate) fn of_folder(source: std::io::Error) -> Error {
    Error::Generic {
        store: "LocalFileSystem",
        source: Box::new(source),
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs")
            .field("store", &self.location.name)
            .field("max_image_bytes", &self.max_image_bytes)
            .finish()
    }
}
