//! Finds and replaces personal data in free text.
//!
//! The text is scanned once, word by word, without regular expressions. A clean line costs no allocation.

use std::borrow::Cow;
use std::ops::Range;

/// The shortest run of digits that is treated as a person's number. Phone numbers have 10 or more digits, NIN and BVN
/// 11.
const NUMBER: usize = 10;

const DIGITS: &str = "[digits]";
const URL: &str = "[url]";
pub(crate) const MASKED: &str = "[masked]";

/// A part of the text that must be replaced, and its replacement.
struct Hit {
    range: Range<usize>,
    with: &'static str,
}

/// Replaces text that may contain personal data or a credential. Borrows if there is nothing to replace.
///
/// - A word that consists of ten or more ASCII digits becomes `[digits]`.
/// - Everything after `scheme://` becomes `[url]`, including user, password and query.
/// - The value after `Api-Token`, `Api-Key`, `Authorization`, `Cookie` or `Password` and a `:` or `=` becomes `[masked]`.
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

/// Returns whether the word is a number that must be replaced.
pub(crate) fn is_number(word: &[u8]) -> bool {
    word.len() >= NUMBER && word.iter().all(u8::is_ascii_digit)
}

/// Returns whether the name ends with the name of a credential.
pub(crate) fn announces_credential(name: &str) -> bool {
    let bytes = name.as_bytes();
    let word = bytes
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric())
        .map_or(0, |at| at + 1);
    credential(bytes, word..bytes.len()).is_some()
}

/// Returns the first hit at or after `from`, which must not be inside a word.
fn next(bytes: &[u8], from: usize) -> Option<Hit> {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphanumeric() {
            let word = at..word_end(bytes, at);
            if is_number(&bytes[word.clone()]) {
                return Some(Hit {
                    range: word,
                    with: DIGITS,
                });
            }
            if let Some(range) =
                credential(bytes, word.clone()).and_then(|reach| value(bytes, word.end, reach))
            {
                return Some(Hit {
                    range,
                    with: MASKED,
                });
            }
            at = word.end;
        } else if bytes[at..].starts_with(b"://") {
            let start = at + 3;
            let end = url_end(bytes, start);
            if start < end {
                return Some(Hit {
                    range: start..end,
                    with: URL,
                });
            }
            at = start;
        } else {
            at += separator(bytes, at);
        }
    }
    None
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
        // An escape as in `%2B2348031234567`, but not `%22212345678`, where the whole word is a number.
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
    is_number(&bytes[..word_end(bytes, 0)])
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

/// The extent of the value of a credential.
#[derive(Clone, Copy)]
enum Reach {
    /// To the next white space.
    Word,
    /// To the end of the line, because the value may have several words: `Bearer …`, `a=1; b=2`.
    Line,
}

/// Returns the extent of the value if the word, together with the text before it, is the name of a credential.
fn credential(bytes: &[u8], word: Range<usize>) -> Option<Reach> {
    let name = &bytes[word.clone()];
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    // `token` alone is not a credential, because the queue logs its fencing token.
    let after_api = || {
        let head = &bytes[..word.start];
        let head = head.len().checked_sub(4).map_or(&[][..], |at| &head[at..]);
        head.eq_ignore_ascii_case(b"api-") || head.eq_ignore_ascii_case(b"api_")
    };
    match name.len() {
        3 if is("key") && after_api() => Some(Reach::Word),
        5 if is("token") && after_api() => Some(Reach::Word),
        6 if is("apikey") => Some(Reach::Word),
        6 if is("cookie") => Some(Reach::Line),
        8 if is("apitoken") || is("password") => Some(Reach::Word),
        13 if is("authorization") => Some(Reach::Line),
        _ => None,
    }
}

/// Returns the value after a name that ends at `at`. `:` or `=` must be between them, and both may be quoted.
fn value(bytes: &[u8], at: usize, reach: Reach) -> Option<Range<usize>> {
    let at = pass(bytes, at, b"\"'\\ ");
    if !matches!(bytes.get(at), Some(b':' | b'=')) {
        return None;
    }
    let start = pass(bytes, at + 1, b"\"'\\ ");
    let quoted = matches!(bytes.get(start.wrapping_sub(1)), Some(b'"' | b'\''));
    let ends = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' => true,
        b' ' | b',' | b'}' | b'\t' => !quoted && matches!(reach, Reach::Word),
        _ => false,
    };
    let end = bytes[start..]
        .iter()
        .position(ends)
        .map_or(bytes.len(), |length| start + length);
    (start < end).then_some(start..end)
}

/// Skips any of `these` bytes and terminal colours.
fn pass(bytes: &[u8], mut at: usize, these: &[u8]) -> usize {
    while let Some(byte) = bytes.get(at) {
        if *byte == 0x1b {
            at += separator(bytes, at);
        } else if these.contains(byte) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

#[cfg(test)]
#[path = "scrub_tests.rs"]
mod tests;
