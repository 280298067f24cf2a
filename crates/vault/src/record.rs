//! Hides the bytes of a key record: a data key, wrapped for the holder of a key-encryption key. Its beginning, up to the
//! encapsulated key, is its *name*: it names the key-encryption key and holds no secret.

use zeroize::Zeroizing;

use crate::OpenError;
use crate::cipher::{Cipher, KEY, NONCE, TAG};
use crate::exchange::{ENCAPSULATED, Sender};
use crate::keyring::Kek;
use crate::part::strip;
use crate::text::{CHECK, is_key_id};

const MAGIC: &[u8] = b"KYCK";
const VERSION: u8 = 2;

/// A key record, taken apart but not verified.
pub(crate) struct KeyRecord<'a> {
    pub(crate) key_id: &'a str,
    /// Tells the key from others of its id.
    pub(crate) check: &'a str,
    encapsulated: &'a [u8; ENCAPSULATED],
    nonce: [u8; NONCE],
    ciphertext: &'a [u8; KEY],
    tag: &'a [u8; TAG],
}

/// Wraps a data key of the verification `id`.
pub(crate) fn wrap(sender: &Sender, id: &str, key: &[u8; KEY]) -> Vec<u8> {
    let (key_id, check) = (&sender.id, &sender.check);
    let (encapsulated, wrapping) = sender.wrapping_key(id.as_bytes());
    let mut wrapped = *key;
    // A key of its own for each verification: random nonces never run out.
    let (nonce, tag) = Cipher::new(&wrapping).seal(&authenticated(key_id, check), &mut wrapped);
    let length = u8::try_from(key_id.len()).expect("a key's id has at most 32 bytes");
    [
        MAGIC,
        &[VERSION, length],
        key_id.as_bytes(),
        check.as_bytes(),
        &encapsulated,
        &nonce,
        &wrapped,
        &tag,
    ]
    .concat()
}

impl<'a> KeyRecord<'a> {
    pub(crate) fn split(bytes: &'a [u8]) -> Result<Self, OpenError> {
        let (Name { key_id, check }, rest) = Name::split(bytes)?;
        let (encapsulated, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (&nonce, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (ciphertext, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (tag, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        if !rest.is_empty() {
            return Err(OpenError::Tampered);
        }
        Ok(Self {
            key_id,
            check,
            encapsulated,
            nonce,
            ciphertext,
            tag,
        })
    }

    /// The data key; `None` when it was not wrapped so: for another verification, or for another key of that id.
    pub(crate) fn unwrap(&self, kek: &Kek, id: &str) -> Option<Zeroizing<[u8; KEY]>> {
        let wrapping = kek
            .private()
            .wrapping_key(self.encapsulated, id.as_bytes())?;
        let key = Cipher::new(&wrapping).open(
            self.nonce,
            &authenticated(self.key_id, self.check),
            self.ciphertext,
            self.tag,
        )?;
        Some(Zeroizing::new(key.as_slice().try_into().ok()?))
    }
}

/// The beginning of a key record.
struct Name<'a> {
    key_id: &'a str,
    check: &'a str,
}

impl<'a> Name<'a> {
    /// The name, and what follows it.
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), OpenError> {
        let rest = strip(MAGIC, VERSION, bytes)?;
        let (&length, rest) = rest.split_first().ok_or(OpenError::Truncated)?;
        let (key_id, rest) = rest
            .split_at_checked(usize::from(length))
            .ok_or(OpenError::Truncated)?;
        // Otherwise an error could repeat any bytes as a key's id.
        if !is_key_id(key_id) {
            return Err(OpenError::Tampered);
        }
        let (check, rest) = rest.split_at_checked(CHECK).ok_or(OpenError::Truncated)?;
        if !check.iter().all(u8::is_ascii_hexdigit) {
            return Err(OpenError::Tampered);
        }
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| OpenError::Tampered);
        let (key_id, check) = (text(key_id)?, text(check)?);
        Ok((Self { key_id, check }, rest))
    }
}

/// The id of the key that a key record is wrapped for; `None` for bytes that are none. Its name is enough.
pub fn key_id(record: &[u8]) -> Option<&str> {
    Name::split(record).ok().map(|(name, _)| name.key_id)
}

/// The name of a key record: its first bytes, which tell the key that it is wrapped for and hold nothing of the data key.
/// The name of a name is itself. `None` for other bytes.
pub fn record_name(record: &[u8]) -> Option<&[u8]> {
    let (_, rest) = Name::split(record).ok()?;
    Some(&record[..record.len() - rest.len()])
}

/// Whether these bytes are the name of a key record alone, without the wrapped key.
pub fn is_record_name(bytes: &[u8]) -> bool {
    Name::split(bytes).is_ok_and(|(_, rest)| rest.is_empty())
}

fn authenticated(key_id: &str, check: &str) -> Vec<u8> {
    [MAGIC, &[VERSION], key_id.as_bytes(), check.as_bytes()].concat()
}
