//! Finds and replaces personal data in free text.
//!
//! The text is scanned once, word by word, without regular expressions. A clean line costs no allocation.

mod credential;
mod numbers;
mod words;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use credential::{announces_credential, announces_measure};
use numbers::Read;

const DIGITS: &str = "[digits]";
const DOCUMENT: &str = "[document]";
const URL: &str = "[url]";
pub(crate) const MASKED: &str = "[masked]";

/// A part of the text that must be replaced, and its replacement.
struct Hit {
    range: Range<usize>,
    with: &'static str,
}

/// Replaces text that may contain personal data or a credential. Borrows if there is nothing to replace.
///
/// - Ten or more ASCII digits become `[digits]`: in a row, also inside a word, or in groups with blanks, hyphens, points
///   or brackets between them.
/// - The number of a passport or a driver's licence becomes `[document]`.
/// - Everything after `scheme://` and after `identity/` becomes `[url]`, including user, password and query.
/// - The value after `Api-Token`, `Api-Key`, `Authorization`, `Cookie` or `Password` and a `:` or `=` becomes `[masked]`.
///
/// Kept are ULIDs, UUIDs and hashes, days and times, addresses of machines, decimals with a short whole part, and numbers
/// that have a unit (`bytes`, `ms`, `us`, `ns`) or the name of one (`duration_ms=`).
///
/// Scrubbing is idempotent. A scrubbed line of JSON may be invalid JSON.
#[must_use]
pub fn scrub(text: &str) -> Cow<'_, str> {
    let Some(mut hit) = next(text.as_bytes(), 0) else {
        return Cow::Borrowed(text);
    };
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    loop {
        clean.push_str(&text[done..hit.range.start]);
        clean.push_str(hit.with);
        done = hit.range.end;
        match next(text.as_bytes(), done) {
            Some(following) => hit = following,
            None => break,
        }
    }
    clean.push_str(&text[done..]);
    Cow::Owned(clean)
}

/// Returns the first hit at or after `from`.
fn next(bytes: &[u8], from: usize) -> Option<Hit> {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphanumeric() {
            match in_word(bytes, at..word_end(bytes, at)) {
                Ok(hit) => return Some(hit),
                Err(end) => at = end,
            }
        } else if bytes[at..].starts_with(b"://") {
            let start = at + 3;
            let end = url_end(bytes, start);
            if start < end {
                return Some(hit(start..end, URL));
            }
            at = start;
        } else {
            at += separator(bytes, at);
        }
    }
    None
}

fn hit(range: Range<usize>, with: &'static str) -> Hit {
    Hit { range, with }
}

/// Returns the first hit in a word or in what belongs to it. The error is the position at which to go on.
fn in_word(bytes: &[u8], word: Range<usize>) -> Result<Hit, usize> {
    let text = &bytes[word.clone()];
    if let Some(length) = words::uuid(&bytes[word.start..]) {
        return Err(word.start + length);
    }
    if words::is_id(text) {
        return Err(word.end);
    }
    if let Some(length) = words::document(&bytes[word.start..], text.len()) {
        return Ok(hit(word.start..word.start + length, DOCUMENT));
    }
    if let Some(start) = path(bytes, word.clone()) {
        return Ok(hit(start..url_end(bytes, start), URL));
    }
    let value = credential::credential(bytes, word.clone())
        .and_then(|reach| credential::value(bytes, word.end, reach));
    if let Some(range) = value {
        return Ok(hit(range, MASKED));
    }
    if let Some(end) = credential::measure(bytes, word.clone()) {
        return Err(end);
    }
    let mut at = word.start;
    while at < word.end {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        match numbers::read(bytes, at) {
            Read::Person(range) => return Ok(hit(range, DIGITS)),
            Read::Kept(end) => at = end,
        }
    }
    Err(at)
}

/// Returns the start of what follows `identity/`: in the provider's paths, a kind, a number and names.
fn path(bytes: &[u8], word: Range<usize>) -> Option<usize> {
    if !bytes[word.clone()].eq_ignore_ascii_case(b"identity") {
        return None;
    }
    let slash = match &bytes[word.end..] {
        [b'/', ..] => 1,
        [b'%', b'2', b'f' | b'F', ..] => 3,
        _ => return None,
    };
    let start = word.end + slash;
    (start < url_end(bytes, start)).then_some(start)
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..]
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .map_or(bytes.len(), |length| start + length)
}

/// Returns the number of bytes to skip at a position outside a word.
///
/// An escape sequence is skipped as a whole. Its last letter or digit would otherwise be read as the beginning of the
/// next word, and `\n22212345678` would not be recognised as a number.
fn separator(bytes: &[u8], at: usize) -> usize {
    match &bytes[at..] {
        [0x1b, b'[', parameters @ ..] => parameters
            .iter()
            .position(|byte| !byte.is_ascii() || (0x40..=0x7e).contains(byte))
            .map_or(2, |last| {
                last + 2 + usize::from(parameters[last].is_ascii())
            }),
        [b'\\', ..] => backslash(&bytes[at..]),
        // An escape as in `%2B2348031234567`, but not `%22212345678`, where a number begins.
        [b'%', tail @ ..] if is_hex(tail, 2) && !starts_with_number(tail) => 3,
        _ => 1,
    }
}

/// Returns the length of an escape. Text that was escaped more than once has several backslashes before the letter.
fn backslash(escape: &[u8]) -> usize {
    let slashes = escape.iter().take_while(|byte| **byte == b'\\').count();
    slashes
        + match &escape[slashes..] {
            // In JSON a replacement must not begin inside these four digits.
            [b'u', code @ ..] if is_hex(code, 4) => 5,
            [b'x', code @ ..] if is_hex(code, 2) && !starts_with_number(code) => 3,
            [letter, ..] if letter.is_ascii_alphabetic() => 1,
            _ => 0,
        }
}

fn is_hex(bytes: &[u8], length: usize) -> bool {
    bytes
        .get(..length)
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn starts_with_number(bytes: &[u8]) -> bool {
    numbers::digits(bytes) >= numbers::NUMBER
}

/// Returns the end of a URL: white space, a quote or an escape. Punctuation and brackets at its end are not part of it.
fn url_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"`<>\\".contains(byte)
    };
    let end = bytes[start..]
        .iter()
        .position(ends)
        .map_or(bytes.len(), |length| start + length);
    let kept = bytes[start..end]
        .iter()
        .rev()
        .take_while(|byte| b").,;:'".contains(byte))
        .count();
    end - kept
}

#[cfg(test)]
#[path = "scrub_tests.rs"]
mod table;
#[cfg(test)]
mod tests;
