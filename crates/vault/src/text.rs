//! Keys and their ids as text.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest id of a key-encryption key, in bytes.
const MAX_KEY_ID: usize = 32;

/// Whether a text may be the id of a key: 1 to 32 letters, digits, `_` or `-`.
pub(crate) fn is_key_id(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_KEY_ID).contains(&id.len()) && id.iter().all(allowed)
}
