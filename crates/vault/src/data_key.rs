//! The key of one verification, which seals and opens its parts.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cipher::{Cipher, KEY};
use crate::part::Sealer;
use crate::{Envelope, OpenError, Opened, Owner};

/// Parts are padded to multiples of so many bytes, so that their length tells little.
const TEXT_STEP: usize = 256;
const IMAGE_STEP: usize = 4096;

/// The data key of one verification, with its AES schedule computed once. Cheap to clone.
///
/// The key's bytes are wiped as soon as the schedule is computed, the schedule when the last clone is dropped.
/// `Debug` shows nothing of it.
#[derive(Clone)]
pub struct DataKey(Arc<Inner>);

struct Inner {
    verification: String,
    record: Vec<u8>,
    sealer: Arc<Sealer>,
}

impl DataKey {
    pub(crate) fn new(owner: Owner<'_>, record: Vec<u8>, key: &Zeroizing<[u8; KEY]>) -> Self {
        Self(Arc::new(Inner {
            verification: owner.verification.to_owned(),
            record,
            sealer: Arc::new(Sealer::new(owner.to_bytes(), Cipher::new(key))),
        }))
    }

    /// The key record: this key, wrapped for the holders of a key-encryption key. Whoever deletes all copies of it
    /// makes every part of the verification unreadable.
    pub fn record(&self) -> &[u8] {
        &self.0.record
    }

    /// Seals one part: a copy of `plaintext`, in the layout that the crate's README describes, padded to 256 bytes.
    ///
    /// A media type that is empty, longer than 32 bytes or not plain ASCII is stored as `application/octet-stream`.
    pub fn seal(&self, part: &str, media_type: &str, plaintext: &[u8]) -> Vec<u8> {
        let mut envelope = self.envelope_of(media_type, plaintext.len(), TEXT_STEP);
        envelope.body().extend_from_slice(plaintext);
        envelope.seal(part)
    }

    /// A buffer for an image of about `capacity` bytes, which is then sealed in place, padded to 4 KiB.
    pub fn envelope(&self, media_type: &str, capacity: usize) -> Envelope {
        self.envelope_of(media_type, capacity, IMAGE_STEP)
    }

    fn envelope_of(&self, media_type: &str, capacity: usize, step: usize) -> Envelope {
        Envelope::new(Arc::clone(&self.0.sealer), media_type, capacity, step)
    }

    /// Opens a part of this verification.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when a single bit differs, or the part belongs to another tenant, kind or verification, or is
    /// another part.
    pub fn open(&self, part: &str, sealed: &[u8]) -> Result<Opened, OpenError> {
        self.0.sealer.open(part, sealed)
    }

    /// The id of the verification whose parts this key seals.
    pub fn verification(&self) -> &str {
        &self.0.verification
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}
