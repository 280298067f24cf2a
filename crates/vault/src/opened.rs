//! What a sealed part holds.

use std::fmt;

use zeroize::Zeroizing;

/// An opened part. The bytes are wiped when dropped; `Debug` shows only how many there are.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The media type it was sealed with.
    pub media_type: String,
    /// The plaintext.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("media_type", &self.media_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
