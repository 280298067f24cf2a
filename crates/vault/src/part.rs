//! Hides the bytes of a sealed part: where its fields are. The table is in the crate's README.

use zeroize::Zeroizing;

use crate::cipher::{Cipher, NONCE, TAG};
use crate::{OpenError, Opened, owner};

/// Bytes of the media type's field.
pub(crate) const MEDIA_TYPE: usize = 32;
/// Bytes of the length's field.
const LENGTH: usize = 4;
/// What precedes the content in the plaintext.
pub(crate) const HEAD: usize = MEDIA_TYPE + LENGTH;
/// What precedes the ciphertext.
pub(crate) const START: usize = MAGIC.len() + 1 + NONCE;

const MAGIC: &[u8] = b"KYCP";
const VERSION: u8 = 2;
const UNKNOWN_MEDIA_TYPE: &str = "application/octet-stream";

/// Seals and opens the parts of one owner.
pub(crate) struct Sealer {
    /// As authenticated data.
    owner: Vec<u8>,
    cipher: Cipher,
}

impl Sealer {
    pub(crate) fn new(owner: Vec<u8>, cipher: Cipher) -> Self {
        Self { owner, cipher }
    }

    /// Encrypts a part in place. `buffer` has room for the start and the head, followed by the content.
    pub(crate) fn seal(
        &self,
        part: &str,
        media_type: &[u8; MEDIA_TYPE],
        step: usize,
        mut buffer: Vec<u8>,
    ) -> Vec<u8> {
        let content = buffer.len() - START - HEAD;
        let length = u32::try_from(content).expect("no content has 4 GiB");
        let padded = (HEAD + content).next_multiple_of(step);
        buffer.resize(START + padded, 0);
        buffer[..MAGIC.len()].copy_from_slice(MAGIC);
        buffer[MAGIC.len()] = VERSION;
        let (start, plaintext) = buffer.split_at_mut(START);
        plaintext[..MEDIA_TYPE].copy_from_slice(media_type);
        plaintext[MEDIA_TYPE..HEAD].copy_from_slice(&length.to_be_bytes());
        let (nonce, tag) = self.cipher.seal(&self.authenticated(part), plaintext);
        start[MAGIC.len() + 1..].copy_from_slice(&nonce);
        buffer.extend_from_slice(&tag);
        buffer
    }

    /// Decrypts a part.
    pub(crate) fn open(&self, part: &str, sealed: &[u8]) -> Result<Opened, OpenError> {
        let rest = strip(MAGIC, VERSION, sealed)?;
        let (&nonce, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(OpenError::Truncated)?;
        let mut plaintext = self
            .cipher
            .open(nonce, &self.authenticated(part), ciphertext, tag)
            .ok_or(OpenError::Tampered)?;
        let media_type = plaintext
            .first_chunk::<MEDIA_TYPE>()
            .ok_or(OpenError::Tampered)?;
        let media_type = media_type_text(media_type)?;
        let length = plaintext[MEDIA_TYPE..]
            .first_chunk::<LENGTH>()
            .ok_or(OpenError::Tampered)?;
        let end = HEAD.saturating_add(u32::from_be_bytes(*length) as usize);
        if end > plaintext.len() {
            return Err(OpenError::Tampered);
        }
        let bytes = shift(&mut plaintext, end);
        Ok(Opened { media_type, bytes })
    }

    /// What is authenticated with the ciphertext of a part.
    fn authenticated(&self, part: &str) -> Vec<u8> {
        let length = MAGIC.len() + 1 + self.owner.len() + 4 + part.len();
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.owner);
        owner::write(&mut bytes, part);
        bytes
    }
}

/// What follows magic and version.
pub(crate) fn strip<'a>(
    magic: &[u8],
    version: u8,
    sealed: &'a [u8],
) -> Result<&'a [u8], OpenError> {
    let (&found, rest) = sealed
        .strip_prefix(magic)
        .ok_or(OpenError::NotSealed)?
        .split_first()
        .ok_or(OpenError::Truncated)?;
    if found == version {
        Ok(rest)
    } else {
        Err(OpenError::OtherVersion { version: found })
    }
}

/// The content of a plaintext, without another copy of it.
fn shift(plaintext: &mut Zeroizing<Vec<u8>>, end: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = std::mem::take(plaintext);
    bytes.truncate(end);
    bytes.drain(..HEAD);
    bytes
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

fn media_type_text(field: &[u8; MEDIA_TYPE]) -> Result<String, OpenError> {
    let end = field
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(MEDIA_TYPE);
    let text = std::str::from_utf8(&field[..end]).map_err(|_| OpenError::Tampered)?;
    Ok(text.to_owned())
}
