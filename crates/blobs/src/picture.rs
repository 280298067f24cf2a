//! The work of the processor on one picture: decode, recognise, hash, seal, in one buffer.

use aws_lc_rs::digest::{SHA256, digest};
use kyc_vault::DataKey;

use crate::format::Format;
use crate::text::Symbols;
use crate::{Image, Unusable};

/// A recognised picture, sealed and ready to be stored.
pub(crate) struct Picture {
    format: Format,
    bytes: usize,
    pub(crate) sha256: String,
    pub(crate) sealed: Vec<u8>,
}

impl Picture {
    /// Decodes the picture and seals it as the part `name`.
    pub(crate) fn seal(key: &DataKey, name: &str, symbols: Symbols<'_>) -> Result<Self, Unusable> {
        let mut envelope = key.envelope("", symbols.capacity());
        symbols.decode_into(envelope.body())?;
        let format = Format::of(envelope.plaintext()).ok_or(Unusable::NotAnImage)?;
        envelope.set_media_type(format.media_type);
        let bytes = envelope.plaintext().len();
        let sha256 = sha256(envelope.plaintext());
        Ok(Self {
            format,
            bytes,
            sha256,
            sealed: envelope.seal(name),
        })
    }

    /// Seals a decoded picture as the part `name`; `None` when it is none of a known format.
    pub(crate) fn of_bytes(key: &DataKey, name: &str, bytes: &[u8]) -> Option<Self> {
        let format = Format::of(bytes)?;
        let sealed = key.seal(name, format.media_type, bytes);
        Some(Self {
            format,
            bytes: bytes.len(),
            sha256: sha256(bytes),
            sealed,
        })
    }

    /// What the outcome says of the picture, stored under `key`.
    pub(crate) fn describe(&self, name: &str, key: String) -> Image {
        Image {
            name: name.to_owned(),
            media_type: self.format.media_type.to_owned(),
            width: self.format.width,
            height: self.format.height,
            bytes: self.bytes,
            sha256: self.sha256.clone(),
            key,
        }
    }
}

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}
