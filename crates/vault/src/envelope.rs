//! Sealing in place: one buffer holds header, nonce and plaintext, and becomes the sealed part without a copy.

use std::fmt;

use zeroize::Zeroizing;

use crate::DataKey;
use crate::cipher::{NONCE, TAG};
use crate::layout::{MEDIA_TYPE, content_aad, media_type_field};

/// A plaintext on its way to being sealed, with room before it for the header and the nonce.
///
/// Wiped when dropped unsealed. `Debug` shows the number of bytes only.
pub struct Envelope {
    key: DataKey,
    media_type: [u8; MEDIA_TYPE],
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
}

impl Envelope {
    pub(crate) fn new(key: DataKey, media_type: &str, capacity: usize) -> Self {
        let start = key.header().len() + NONCE;
        let room = start.saturating_add(capacity).saturating_add(TAG);
        let mut buffer = Zeroizing::new(Vec::with_capacity(room));
        buffer.resize(start, 0);
        let media_type = media_type_field(media_type);
        Self {
            key,
            media_type,
            buffer,
            start,
        }
    }

    /// The whole buffer, with the room for header and nonce at its start: append the plaintext, change nothing before it.
    ///
    /// Growing beyond the envelope's capacity is allowed, but leaves an unwiped copy in freed memory.
    pub fn body(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// What was appended so far.
    pub fn plaintext(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Sets the media type, which is often known only once the plaintext is there.
    ///
    /// One that is empty, longer than 32 bytes or not plain ASCII becomes `application/octet-stream`.
    pub fn set_media_type(&mut self, media_type: &str) {
        self.media_type = media_type_field(media_type);
    }

    /// Encrypts the plaintext where it stands and returns the sealed part.
    pub fn seal(mut self, part: &str) -> Vec<u8> {
        let mut sealed = std::mem::take(&mut *self.buffer);
        if sealed.len() < self.start {
            sealed.resize(self.start, 0);
        }
        let header = self.key.header();
        header.stamp(&self.media_type, &mut sealed);
        let (head, plaintext) = sealed.split_at_mut(self.start);
        let (head, nonce_room) = head.split_at_mut(header.len());
        let aad = content_aad(head, self.key.verification(), part);
        let (nonce, tag) = self.key.cipher().seal(&aad, plaintext);
        nonce_room.copy_from_slice(&nonce);
        sealed.extend_from_slice(&tag);
        sealed
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("bytes", &self.plaintext().len())
            .finish_non_exhaustive()
    }
}
