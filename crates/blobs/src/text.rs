//! Decodes base64 in all forms that providers send: data URIs, both alphabets, with or without padding, with white
//! space.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::simd::Simd;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use memchr::{memchr, memchr2, memchr3, memchr3_iter};

use crate::Unusable;

/// Accepts bits after the last byte, which some encoders leave. They are harmless.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
static STANDARD: LazyLock<Simd> = LazyLock::new(|| Simd::standard(LENIENT));
static URL_SAFE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(LENIENT));

/// Base64 text without padding, whose decoded size is within the limit.
pub(crate) struct Symbols<'a>(Cow<'a, [u8]>);

/// How a text was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Completely.
    Plain,
    /// Without the last symbol, which is not a whole byte: the text was truncated.
    Cut,
}

impl<'a> Symbols<'a> {
    /// Finds the symbols in the text of a provider. `limit` is the most decoded bytes.
    pub(crate) fn parse(text: &'a str, limit: usize) -> Result<Self, Unusable> {
        let body = unwrapped(text.as_bytes())?;
        let body = trim_end(body.trim_ascii_start());
        if body.is_empty() {
            return Err(Unusable::Empty);
        }
        // Checked before the text is copied or decoded. White space is only counted if the text is longer than the
        // limit.
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
        let is_coded = memchr(b'%', body).is_some();
        Ok(Self(if is_coded {
            percent_decoded(body).into()
        } else {
            Cow::Borrowed(body)
        }))
    }

    /// Copies the symbols unless they are already owned.
    pub(crate) fn into_owned(self) -> Symbols<'static> {
        Symbols(Cow::Owned(self.0.into_owned()))
    }

    /// Returns the decoded size of valid symbols. It is exact if there is no white space between them.
    pub(crate) fn decoded_len(&self) -> usize {
        decoded_len(self.0.len())
    }

    /// Returns the capacity with which a buffer does not grow during decoding.
    pub(crate) fn capacity(&self) -> usize {
        base64::decoded_len_estimate(self.0.len())
    }

    /// Replaces every blank by `+`, or returns `None` if there are no blanks or they are line breaks.
    ///
    /// The encoding of HTML forms turns `+` into blanks.
    pub(crate) fn with_plus_signs(&self) -> Option<Symbols<'static>> {
        memchr(b' ', &self.0)?;
        if are_line_breaks(&self.0) {
            return None;
        }
        let plus = |byte: u8| if byte == b' ' { b'+' } else { byte };
        let breaks = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'\t');
        let symbols = self
            .0
            .iter()
            .copied()
            .filter(|byte| !breaks(byte))
            .map(plus);
        Some(Symbols(symbols.collect()))
    }

    /// Decodes the symbols and appends the bytes to `buffer`.
    pub(crate) fn decode_into(&self, buffer: &mut Vec<u8>) -> Result<Read, Unusable> {
        let start = buffer.len();
        // Most texts have no white space, and the decoder detects this at no additional cost.
        if STANDARD.decode_vec(&*self.0, buffer).is_ok() {
            return Ok(Read::Plain);
        }
        buffer.truncate(start);
        let symbols = without_white_space(&self.0);
        let url_safe = memchr2(b'-', b'_', &symbols).is_some();
        let engine = if url_safe { &*URL_SAFE } else { &*STANDARD };
        if engine.decode_vec(&*symbols, buffer).is_ok() {
            return Ok(Read::Plain);
        }
        buffer.truncate(start);
        // A single symbol after the last group of four is not a whole byte.
        let whole = symbols.len() - symbols.len() % 4;
        if symbols.len() % 4 == 1 && engine.decode_vec(&symbols[..whole], buffer).is_ok() {
            return Ok(Read::Cut);
        }
        buffer.truncate(start);
        Err(Unusable::NotBase64)
    }
}

/// Returns whether the blanks of a text separate or indent its lines.
///
/// Blanks of lines have constant distances, occur in runs of constant length, or are next to line breaks. Plus signs
/// are at random positions, about one in 64 symbols.
fn are_line_breaks(text: &[u8]) -> bool {
    const LINE: usize = 32;
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'\t');
    let runs: Vec<&[u8]> = text
        .split(|byte| *byte != b' ' && !is_break(byte))
        .filter(|run| run.contains(&b' '))
        .collect();
    if runs.iter().all(|run| run.iter().any(is_break)) {
        return true;
    }
    if runs
        .iter()
        .all(|run| run.len() >= 2 && run.len() == runs[0].len())
    {
        return true;
    }
    let lines: Vec<usize> = text
        .split(|byte| *byte == b' ' || is_break(byte))
        .map(<[u8]>::len)
        .filter(|line| *line > 0)
        .collect();
    // The first line may be shorter because something preceded it, and the last one because it has the rest.
    match &lines[..] {
        [first, middle @ .., last] if middle.len() >= 2 => {
            let line = middle[0];
            line >= LINE && middle.iter().all(|other| *other == line) && first.max(last) <= &line
        }
        [first, .., last] => {
            *first >= LINE
                && lines[..lines.len() - 1].iter().all(|line| line == first)
                && last <= first
        }
        _ => true,
    }
}

/// Removes what programs put around the text, even several times: quotation marks, Python's `b'…'`, heads of data URIs.
fn unwrapped(text: &[u8]) -> Result<&[u8], Unusable> {
    const MOST: usize = 4;
    let mut body = text.trim_ascii();
    for _ in 0..MOST {
        let before = body.len();
        body = strip_quotes(body);
        body = strip_data_uri(body)?.trim_ascii();
        if body.len() == before {
            break;
        }
    }
    Ok(body)
}

fn strip_quotes(text: &[u8]) -> &[u8] {
    let text = match text {
        [b'b', rest @ ..] if matches!(rest, [b'\'' | b'"', ..]) => rest,
        [b'\\', rest @ .., b'\\', b'"'] if rest.starts_with(b"\"") => &rest[1..],
        text => text,
    };
    match text {
        [first @ (b'"' | b'\''), inner @ .., last] if first == last => inner,
        text => text,
    }
}

/// Decodes `%2B`, `%2F`, `%3D` and white space, as HTML forms encode them. Other codes are not symbols and remain.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'%', rest) {
        plain.extend_from_slice(&rest[..at]);
        let code = rest.get(at + 1..at + 3).map(<[u8]>::to_ascii_uppercase);
        let symbol = match code.as_deref() {
            Some(b"2B") => Some(b'+'),
            Some(b"2F") => Some(b'/'),
            Some(b"3D") => Some(b'='),
            Some(b"0A" | b"0D" | b"20") => Some(b'\n'),
            _ => None,
        };
        plain.push(symbol.unwrap_or(b'%'));
        rest = &rest[at + if symbol.is_some() { 3 } else { 1 }..];
    }
    plain.extend_from_slice(rest);
    let end = trim_end(&plain).len();
    plain.truncate(end);
    plain
}

/// Returns the part after the comma of `data:image/jpeg;charset=…;base64,…`, or the whole text if it is not a data URI.
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

/// Removes the padding and the white space around it.
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

/// Returns the decoded size: three bytes for four symbols, and one or two bytes for the last two or three.
fn decoded_len(symbols: usize) -> usize {
    symbols / 4 * 3 + (symbols % 4).saturating_sub(1)
}
