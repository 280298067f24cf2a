//! Sealing in place: one buffer takes the plaintext and becomes the sealed part, without a copy.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cipher::TAG;
use crate::part::{HEAD, MEDIA_TYPE, START, Sealer, media_type_field};

/// A plaintext that is about to be sealed, with room before it for the other fields of a part.
///
/// Wiped when dropped unsealed. `Debug` shows only the number of bytes.
pub struct Envelope {
    sealer: Arc<Sealer>,
    media_type: [u8; MEDIA_TYPE],
    buffer: Zeroizing<Vec<u8>>,
    /// The sealed part is padded to a multiple of this.
    step: usize,
}

const BEFORE: usize = START + HEAD;

impl Envelope {
    pub(crate) fn new(sealer: Arc<Sealer>, media_type: &str, capacity: usize, step: usize) -> Self {
        let room = BEFORE.saturating_add(capacity).saturating_add(step + TAG);
        let mut buffer = Zeroizing::new(Vec::with_capacity(room));
        buffer.resize(BEFORE, 0);
        Self {
            sealer,
            media_type: media_type_field(media_type),
            buffer,
            step,
        }
    }

    /// The whole buffer, with the room for other fields at its start: append the plaintext, change nothing before it.
    ///
    /// Growing beyond the envelope's capacity is allowed, but leaves an unwiped copy in freed memory.
    pub fn body(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// What was appended so far.
    pub fn plaintext(&self) -> &[u8] {
        self.buffer.get(BEFORE..).unwrap_or_default()
    }

    /// Sets the media type, which is often known only once the plaintext is there.
    ///
    /// One that is empty, longer than 32 bytes or not plain ASCII becomes `application/octet-stream`.
    pub fn set_media_type(&mut self, media_type: &str) {
        self.media_type = media_type_field(media_type);
    }

    /// Encrypts the plaintext in place and returns the sealed part.
    pub fn seal(mut self, part: &str) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut *self.buffer);
        if buffer.len() < BEFORE {
            buffer.resize(BEFORE, 0);
        }
        self.sealer.seal(part, &self.media_type, self.step, buffer)
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("bytes", &self.plaintext().len())
            .finish_non_exhaustive()
    }
}
