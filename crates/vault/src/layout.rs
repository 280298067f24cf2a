//! Hides the bytes of a sealed part: where its fields stand. The table is in the crate's README.

use crate::OpenError;
use crate::cipher::{KEY, NONCE, TAG};

/// Bytes of a wrapped data key: nonce, ciphertext, tag.
pub(crate) const WRAPPED: usize = NONCE + KEY + TAG;
/// The longest id of a key-encryption key, in bytes.
pub(crate) const MAX_KEY_ID: usize = 32;
/// Bytes of the media type's field.
pub(crate) const MEDIA_TYPE: usize = 32;

const MAGIC: &[u8] = b"KYC1";
const UNKNOWN_MEDIA_TYPE: &str = "application/octet-stream";

pub(crate) fn is_key_id(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_KEY_ID).contains(&id.len()) && id.iter().all(allowed)
}

/// What precedes the content's nonce, but for the media type: the same for all parts of one data key.
pub(crate) struct Header {
    bytes: Vec<u8>,
    media_type_at: usize,
}

impl Header {
    pub(crate) fn new(key_id: &str, wrapped: &[u8; WRAPPED]) -> Self {
        let length = u8::try_from(key_id.len()).expect("a key's id has at most 32 bytes");
        let head = [MAGIC, &[length], key_id.as_bytes()].concat();
        let media_type_at = head.len();
        let bytes = [&head[..], &[0; MEDIA_TYPE], wrapped].concat();
        Self {
            bytes,
            media_type_at,
        }
    }

    /// Bytes up to the content's nonce.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn key_id(&self) -> &[u8] {
        &self.bytes[MAGIC.len() + 1..self.media_type_at]
    }

    pub(crate) fn wrapped(&self) -> &[u8] {
        &self.bytes[self.media_type_at + MEDIA_TYPE..]
    }

    /// Writes itself to the start of `buffer`, which must have room for it.
    pub(crate) fn stamp(&self, media_type: &[u8; MEDIA_TYPE], buffer: &mut [u8]) {
        buffer[..self.len()].copy_from_slice(&self.bytes);
        buffer[self.media_type_at..][..MEDIA_TYPE].copy_from_slice(media_type);
    }
}

/// A sealed part, taken apart but not yet verified.
pub(crate) struct Parts<'a> {
    /// Everything before the content's nonce: authenticated with the content.
    pub(crate) header: &'a [u8],
    pub(crate) key_id: &'a str,
    pub(crate) media_type: &'a [u8; MEDIA_TYPE],
    pub(crate) wrapped: &'a [u8; WRAPPED],
    pub(crate) nonce: [u8; NONCE],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) tag: &'a [u8; TAG],
}

impl<'a> Parts<'a> {
    pub(crate) fn split(sealed: &'a [u8]) -> Result<Self, OpenError> {
        let rest = sealed.strip_prefix(MAGIC).ok_or(OpenError::NotSealed)?;
        let (&length, rest) = rest.split_first().ok_or(OpenError::Truncated)?;
        let (key_id, rest) = rest
            .split_at_checked(usize::from(length))
            .ok_or(OpenError::Truncated)?;
        // Without this, an error could carry any bytes as a key's id.
        if !is_key_id(key_id) {
            return Err(OpenError::Tampered);
        }
        let key_id = std::str::from_utf8(key_id).map_err(|_| OpenError::Tampered)?;
        let (media_type, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (wrapped, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let header = &sealed[..sealed.len() - rest.len()];
        let (&nonce, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (ciphertext, tag) = rest.split_last_chunk().ok_or(OpenError::Truncated)?;
        Ok(Self {
            header,
            key_id,
            media_type,
            wrapped,
            nonce,
            ciphertext,
            tag,
        })
    }
}

/// The field for a media type; `application/octet-stream` for one that does not fit or is not plain ASCII.
pub(crate) fn media_type_field(media_type: &str) -> [u8; MEDIA_TYPE] {
    let fits = (1..=MEDIA_TYPE).contains(&media_type.len())
        && media_type.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let text = if fits { media_type } else { UNKNOWN_MEDIA_TYPE };
    let mut field = [0; MEDIA_TYPE];
    field[..text.len()].copy_from_slice(text.as_bytes());
    field
}

/// Reads the field back; only to be called on a header that was verified.
pub(crate) fn media_type_text(field: &[u8; MEDIA_TYPE]) -> Result<String, OpenError> {
    let end = field
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(MEDIA_TYPE);
    let text = std::str::from_utf8(&field[..end]).map_err(|_| OpenError::Tampered)?;
    Ok(text.to_owned())
}

/// What is authenticated beside the content. The id is preceded by its length, so that no two pairs of id and part read alike.
pub(crate) fn content_aad(header: &[u8], verification: &str, part: &str) -> Vec<u8> {
    let length = u32::try_from(verification.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    [header, &length, verification.as_bytes(), part.as_bytes()].concat()
}
