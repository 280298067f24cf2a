//! Blind indexes: finding a value again without storing it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::cipher::{KEY, random_bytes};

/// Bytes of the HMAC that an index keeps: 128 bits, far beyond chance collisions of identity numbers.
const INDEX: usize = 16;

/// The HMAC-SHA-256 key of blind indexes, 32 random bytes. Cheap to clone; `Debug` shows nothing of it.
///
/// Without the key an index tells nothing; with it, short numbers can be tried out: store it sealed.
#[derive(Clone)]
pub struct IndexKey {
    bytes: Arc<Zeroizing<[u8; KEY]>>,
    hmac: hmac::Key,
}

impl IndexKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self::new(Zeroizing::new(random_bytes()))
    }

    /// A key that [`IndexKey::expose`] gave; `None` unless it is 32 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self::new(Zeroizing::new(bytes.try_into().ok()?)))
    }

    fn new(bytes: Zeroizing<[u8; KEY]>) -> Self {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &*bytes);
        Self {
            bytes: Arc::new(bytes),
            hmac,
        }
    }

    /// The key's bytes, to be sealed and stored, and never written anywhere unsealed.
    pub fn expose(&self) -> &[u8] {
        &self.bytes[..]
    }

    /// The index of `value` for `purpose`: 32 hexadecimal digits, the same whenever key, purpose and value are.
    ///
    /// Normalise the value first: two spellings of one number have two indexes.
    pub fn index(&self, purpose: &str, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.hmac);
        for text in [purpose, value] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        hex::encode(&context.sign().as_ref()[..INDEX])
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey(..)")
    }
}
