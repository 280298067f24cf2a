//! Hides the forms in which providers send base64: data URIs, both alphabets, padding or none, white space.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::simd::Simd;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use memchr::{memchr, memchr2, memchr3, memchr3_iter};

use crate::Unusable;

/// Some encoders leave bits behind the last byte: harmless, and no reason to lose a picture.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
static STANDARD: LazyLock<Simd> = LazyLock::new(|| Simd::standard(LENIENT));
static URL_SAFE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(LENIENT));

/// Base64 text without its padding, that decodes to no more than the limit.
pub(crate) struct Symbols<'a>(Cow<'a, [u8]>);

impl<'a> Symbols<'a> {
    /// Finds the symbols in a provider's text. `limit` is in decoded bytes.
    pub(crate) fn parse(text: &'a str, limit: usize) -> Result<Self, Unusable> {
        let body = strip_data_uri(text.as_bytes().trim_ascii())?;
        let body = trim_end(body.trim_ascii_start());
        if body.is_empty() {
            return Err(Unusable::Empty);
        }
        // Before anything is copied or decoded; white space is only counted out when it decides.
        if decoded_len(body.len()) > limit {
            let symbols = body
                .iter()
                .filter(|byte| !byte.is_ascii_whitespace())
                .count();
            let bytes_at_least = decoded_len(symbols);
            if bytes_at_least > limit {
                return Err(Unusable::TooLarge {
                    bytes_at_least,
                    limit,
                });
            }
        }
        Ok(Self(Cow::Borrowed(body)))
    }

    /// Symbols that outlive the provider's text.
    pub(crate) fn into_owned(self) -> Symbols<'static> {
        Symbols(Cow::Owned(self.0.into_owned()))
    }

    /// Bytes that the symbols decode to, if they decode: exact where there is no white space among them.
    pub(crate) fn decoded_len(&self) -> usize {
        decoded_len(self.0.len())
    }

    /// Bytes that a buffer needs so that decoding into it does not grow it.
    pub(crate) fn capacity(&self) -> usize {
        base64::decoded_len_estimate(self.0.len())
    }

    /// Appends the decoded bytes.
    pub(crate) fn decode_into(self, buffer: &mut Vec<u8>) -> Result<(), Unusable> {
        let start = buffer.len();
        // Most texts are plain, and the decoder knows that at no further cost.
        if STANDARD.decode_vec(&*self.0, buffer).is_ok() {
            return Ok(());
        }
        buffer.truncate(start);
        let symbols = without_white_space(&self.0);
        let url_safe = memchr2(b'-', b'_', &symbols).is_some();
        let engine = if url_safe { &*URL_SAFE } else { &*STANDARD };
        engine
            .decode_vec(&*symbols, buffer)
            .map_err(|_| Unusable::NotBase64)
    }
}

/// What follows the comma of `data:image/jpeg;charset=…;base64,…`; the text itself when it is no data URI.
fn strip_data_uri(text: &[u8]) -> Result<&[u8], Unusable> {
    if !is_ignoring_case(text.get(..5), b"data:") {
        return Ok(text);
    }
    let comma = memchr(b',', text).ok_or(Unusable::NotBase64)?;
    let head = text[..comma].trim_ascii_end();
    if is_ignoring_case(head.last_chunk::<7>().map(|end| &end[..]), b";base64") {
        Ok(&text[comma + 1..])
    } else {
        Err(Unusable::NotBase64)
    }
}

fn is_ignoring_case(part: Option<&[u8]>, expected: &[u8]) -> bool {
    part.is_some_and(|part| part.eq_ignore_ascii_case(expected))
}

/// Without the padding, and the white space around it.
fn trim_end(text: &[u8]) -> &[u8] {
    let symbol = |byte: &u8| *byte != b'=' && !byte.is_ascii_whitespace();
    text.iter()
        .rposition(symbol)
        .map_or(&[], |last| &text[..=last])
}

fn without_white_space(text: &[u8]) -> Cow<'_, [u8]> {
    let rare = |text: &[u8]| memchr2(b'\t', b'\x0C', text).is_some();
    if memchr3(b'\n', b'\r', b' ', text).is_none() && !rare(text) {
        return Cow::Borrowed(text);
    }
    let mut symbols = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in memchr3_iter(b'\n', b'\r', b' ', text) {
        symbols.extend_from_slice(&text[from..at]);
        from = at + 1;
    }
    symbols.extend_from_slice(&text[from..]);
    if rare(&symbols) {
        symbols.retain(|byte| !byte.is_ascii_whitespace());
    }
    Cow::Owned(symbols)
}

/// Four symbols are three bytes; two or three left over are one or two bytes.
fn decoded_len(symbols: usize) -> usize {
    symbols / 4 * 3 + (symbols % 4).saturating_sub(1)
}
