//! Errors of the store. Errors may contain keys of blobs, because these consist of tenant, verification and name only.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use kyc_vault::OpenError;

/// The most characters of a store's message in an error. Cloud stores answer with whole documents.
const REASON: usize = 200;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// The text is not a URL, or the URL does not name a location in its store.
    #[error(
        "the URL of the blob store is invalid: write for example `file:///var/lib/kyc/blobs` \
         or `s3://bucket/prefix`"
    )]
    BadUrl,
    /// The scheme is not that of a supported store.
    #[error(
        "no blob store has the scheme `{scheme}://`: \
         use `file:///folder`, `s3://`, `gs://`, `az://` or, for tests, `memory://`"
    )]
    UnknownScheme {
        /// The scheme of the URL.
        scheme: String,
    },
    /// The store is supported, but its feature is not enabled in this build.
    #[error("this build has no support for `{scheme}://`: build it with the feature `{feature}`")]
    FeatureOff {
        /// The scheme of the URL.
        scheme: String,
        /// The feature of this crate that is missing.
        feature: &'static str,
    },
    /// The local folder does not exist and cannot be created.
    #[error(
        "the blob folder {} cannot be created: {source}; create it and give this user permission to write to it",
        path.display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The store's options are incomplete or contradict each other.
    #[error("the blob store {store} cannot be set up: {}", reason(source))]
    Setup {
        /// The URL of the store, without credentials.
        store: String,
        /// The error of the store.
        source: object_store::Error,
    },
}

/// An operation on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Creates it.
    Write,
    /// Reads it.
    Read,
    /// Deletes it.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Delete => "delete",
        })
    }
}

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store refused the operation or could not be reached, for example because the disk is full, permission is
    /// missing or the network is down.
    #[error("cannot {action} `{key}` in {store}: {}", reason(source))]
    Failed {
        /// The operation that failed.
        action: Action,
        /// The key of the blob.
        key: String,
        /// The URL of the store, without credentials.
        store: String,
        /// The error of the store.
        source: object_store::Error,
    },
    /// The store did not answer within the timeout.
    #[error(
        "cannot {action} `{key}` in {store}: it does not answer; check the store and the network to it"
    )]
    Slow {
        /// The operation that failed.
        action: Action,
        /// The key of the blob.
        key: String,
        /// The URL of the store, without credentials.
        store: String,
    },
    /// The store returned other content than was written to it.
    #[error("{store} does not return what was written to it: do not use it")]
    Unfaithful {
        /// The URL of the store, without credentials.
        store: String,
    },
    /// Both keys of an image are taken by objects that do not open or are not this image.
    #[error(
        "`{key}` in {store} is taken by an object that none of the keys opens: \
         add the key that it was sealed with, or move the object away"
    )]
    Taken {
        /// The key of the blob.
        key: String,
        /// The URL of the store, without credentials.
        store: String,
    },
    /// A tenant, verification, name or key is not safe in a path. The error does not repeat it.
    #[error("the {what} of a blob must be 1 to 128 letters, digits, `_` or `-`")]
    BadKey {
        /// The invalid part of the key.
        what: &'static str,
    },
    /// The data key belongs to another verification, so the image could never be opened.
    #[error("the data key for a blob of `{verification}` belongs to another verification")]
    ForeignKey {
        /// The verification of the blob.
        verification: String,
    },
    /// The program is shutting down.
    #[error("the image was not finished before the program shut down")]
    Interrupted,
}

impl StoreError {
    /// Returns whether the same call can succeed later without intervention.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Failed { .. } | Self::Slow { .. } | Self::Interrupted
        )
    }
}

/// Why a stored image could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadImageError {
    /// No object has this key, because it was deleted or is in another store.
    #[error("there is no `{key}` in {store}: it was deleted, or is in another store")]
    NotFound {
        /// The key of the blob.
        key: String,
        /// The URL of the store, without credentials.
        store: String,
    },
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object exists but does not open.
    #[error("`{key}` does not open: {source}")]
    Sealed {
        /// The key of the blob.
        key: String,
        /// The error of the vault.
        source: OpenError,
    },
    /// The object opens but is another image.
    #[error("`{key}` is not the image that the outcome names: its SHA-256 differs")]
    Differs {
        /// The key of the blob.
        key: String,
    },
}

impl ReadImageError {
    /// Returns whether the same call can succeed later without intervention.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

/// Returns the innermost cause as one short line. The outer errors only repeat paths.
fn reason(error: &object_store::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(REASON).collect()
}
