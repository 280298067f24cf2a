//! Decodes, recognises, hashes and seals an image in one buffer.

use aws_lc_rs::digest::{SHA256, digest};
use kyc_vault::{DataKey, Envelope};

use crate::format::Format;
use crate::text::{Read, Symbols};
use crate::whole::is_whole;
use crate::{Flaw, Image, Unusable};

/// A recognised image, sealed and ready to be stored.
pub(crate) struct SealedImage {
    format: Format,
    bytes: usize,
    pub(crate) sha256: String,
    /// The flaw of the image, if it has one.
    pub(crate) flaw: Option<Flaw>,
    pub(crate) sealed: Vec<u8>,
}

impl SealedImage {
    /// Decodes the image and seals it as the part `name`.
    pub(crate) fn seal(key: &DataKey, name: &str, symbols: &Symbols<'_>) -> Result<Self, Unusable> {
        let mut envelope = key.envelope("", symbols.capacity());
        let read = symbols.decode_into(envelope.body());
        let is_good = read == Ok(Read::Plain)
            && Format::of(envelope.plaintext())
                .is_some_and(|format| is_whole(format.media_type, envelope.plaintext()));
        // If the text has blanks, it is decoded a second time with plus signs in their place.
        if let Some(symbols) = symbols.with_plus_signs() {
            let mut other = key.envelope("", symbols.capacity());
            let read = symbols.decode_into(other.body());
            let format = Format::of(other.plaintext());
            let is_whole =
                format.is_some_and(|format| is_whole(format.media_type, other.plaintext()));
            if read == Ok(Read::Plain) && is_whole {
                return Self::of_envelope(other, name, Some(Flaw::BlanksPutBack));
            }
        }
        let flaw = match read? {
            Read::Cut => Some(Flaw::CutOff),
            Read::Plain if is_good => None,
            Read::Plain => Some(Flaw::EndMissing),
        };
        Self::of_envelope(envelope, name, flaw)
    }

    fn of_envelope(
        mut envelope: Envelope,
        name: &str,
        flaw: Option<Flaw>,
    ) -> Result<Self, Unusable> {
        let (format, flaw) = match Format::of(envelope.plaintext()) {
            Some(format) => (format, flaw),
            None if is_worthless(envelope.plaintext()) => return Err(Unusable::NotAnImage),
            None => (Format::UNKNOWN, Some(Flaw::Unrecognised)),
        };
        envelope.set_media_type(format.media_type);
        let bytes = envelope.plaintext().len();
        let sha256 = sha256(envelope.plaintext());
        Ok(Self {
            format,
            bytes,
            sha256,
            flaw,
            sealed: envelope.seal(name),
        })
    }

    /// Seals a decoded image as the part `name`.
    pub(crate) fn of_bytes(key: &DataKey, name: &str, bytes: &[u8]) -> Self {
        let format = Format::of(bytes).unwrap_or(Format::UNKNOWN);
        let mut envelope = key.envelope(format.media_type, bytes.len());
        envelope.body().extend_from_slice(bytes);
        let sealed = envelope.seal(name);
        Self {
            format,
            bytes: bytes.len(),
            sha256: sha256(bytes),
            flaw: None,
            sealed,
        }
    }

    /// Returns the description of the image for the outcome, with `key` as its key in the store.
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

/// Returns whether the bytes are too few for an image or are text, such as a message in the place of an image.
fn is_worthless(bytes: &[u8]) -> bool {
    const LEAST: usize = 64;
    bytes.len() < LEAST || std::str::from_utf8(bytes).is_ok()
}

/// Returns the SHA-256 of `bytes` as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}
