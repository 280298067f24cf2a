//! What can go wrong with the store. Keys of blobs hold tenant, verification and name only, so errors may show them.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use kyc_vault::OpenError;

/// Characters of a store's own words that an error repeats: cloud stores answer with whole documents.
const REASON: usize = 200;

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// The text is no URL, or one that does not name a place in its store.
    #[error(
        "the blob store's URL cannot be read: write for example `file:///var/lib/kyc/blobs` \
         or `s3://bucket/prefix`"
    )]
    BadUrl,
    /// No store has this scheme.
    #[error(
        "no blob store is named `{scheme}://`: \
         use `file:///folder`, `s3://`, `gs://`, `az://` or, for tests, `memory://`"
    )]
    UnknownScheme {
        /// The URL's scheme.
        scheme: String,
    },
    /// The store exists, but was not compiled in.
    #[error("this build has no support for `{scheme}://`: build it with the feature `{feature}`")]
    FeatureOff {
        /// The URL's scheme.
        scheme: String,
        /// The missing feature of this crate.
        feature: &'static str,
    },
    /// The local folder does not exist and cannot be created.
    #[error(
        "the blob folder {} cannot be created: {source}; create it and let this user write there",
        path.display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store's options are incomplete or contradict each other.
    #[error("the blob store {store} cannot be set up: {}", reason(source))]
    Setup {
        /// The store's URL, without credentials.
        store: String,
        /// What the store said.
        source: object_store::Error,
    },
}

/// What was being done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Creating it.
    Write,
    /// Reading it.
    Read,
    /// Deleting it.
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

/// Trouble with the store itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store refused or could not be reached: no room, no permission, no network.
    #[error("cannot {action} `{key}` in {store}: {}", reason(source))]
    Failed {
        /// What was tried.
        action: Action,
        /// The blob's key.
        key: String,
        /// The store's URL, without credentials.
        store: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// The store does not answer.
    #[error(
        "cannot {action} `{key}` in {store}: it does not answer; look at the store and the way to it"
    )]
    Slow {
        /// What was tried.
        action: Action,
        /// The blob's key.
        key: String,
        /// The store's URL, without credentials.
        store: String,
    },
    /// The store took an object and gave back another.
    #[error("{store} does not give back what was written to it: do not use it")]
    Unfaithful {
        /// The store's URL, without credentials.
        store: String,
    },
    /// Both keys of an image are taken by objects that are not this image or do not open.
    #[error(
        "`{key}` in {store} is taken and opens with none of the keys: \
         add the key it was sealed with, or move the object away"
    )]
    Taken {
        /// The blob's key.
        key: String,
        /// The store's URL, without credentials.
        store: String,
    },
    /// A tenant, verification, name or key that cannot stand in a path. It is not repeated.
    #[error("the {what} of a blob must be 1 to 128 letters, digits, `_` or `-`")]
    BadKey {
        /// Which part of the key.
        what: &'static str,
    },
    /// The data key was made for another verification, so the image could never be opened again.
    #[error("the data key of another verification was given for a blob of `{verification}`")]
    ForeignKey {
        /// The blob's verification.
        verification: String,
    },
    /// The program is shutting down.
    #[error("the image was not finished before the program shut down")]
    Interrupted,
}

impl StoreError {
    /// Whether the same call can succeed later without anybody's help.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Failed { .. } | Self::Slow { .. } | Self::Interrupted
        )
    }
}

/// Why a stored image was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadImageError {
    /// There is no object under this key: it was deleted, or this is another store.
    #[error("there is no `{key}` in {store}: it was deleted, or is in another store")]
    NotFound {
        /// The blob's key.
        key: String,
        /// The store's URL, without credentials.
        store: String,
    },
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object is there but does not open.
    #[error("`{key}` does not open: {source}")]
    Sealed {
        /// The blob's key.
        key: String,
        /// Why.
        source: OpenError,
    },
    /// The object opens, and is another image.
    #[error("`{key}` is not the image that the outcome names: its SHA-256 differs")]
    Differs {
        /// The blob's key.
        key: String,
    },
}

impl ReadImageError {
    /// Whether the same call can succeed later without anybody's help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

/// The innermost cause, on one short line: the outer layers only repeat paths.
fn reason(error: &object_store::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(REASON).collect()
}
