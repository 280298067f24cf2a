//! Finds and replaces personal data in free text.
//!
//! The text is scanned once, word by word, without regular expressions. A clean line costs no allocation.

mod credential;
mod numbers;
mod text;
mod words;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use credential::{announces_credential, announces_measure};
use numbers::Read;
use text::{separator, url_end, word_end};

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

#[cfg(test)]
#[path = "scrub_tests.rs"]
mod table;
#[cfg(test)]
mod tests;
