//! Keys and their ids as text.

use crate::cipher::sha256;
use crate::exchange::PublicHalf;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest id of a key-encryption key, in bytes.
const MAX_KEY_ID: usize = 32;

/// Characters of what tells keys of one id from each other.
pub(crate) const CHECK: usize = 8;

/// What tells a key from others of the same id: the first bytes of its public half's SHA-256, in hexadecimal digits.
pub(crate) fn check_of(public: &PublicHalf) -> String {
    hex::encode(&sha256(&public.to_bytes())[..CHECK / 2])
}

/// Whether a text may be the id of a key: 1 to 32 letters, digits, `_` or `-`.
pub(crate) fn is_key_id(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_KEY_ID).contains(&id.len()) && id.iter().all(allowed)
}
