//! Hides how a person's data is found in free text.
//!
//! One pass over the bytes, word by word, without regular expressions: a clean line costs a scan and no allocation.

use std::borrow::Cow;
use std::ops::Range;

/// The shortest run of digits that is taken for a person's number: phone numbers have 10 or more, NIN and BVN 11.
const NUMBER: usize = 10;

const DIGITS: &str = "[digits]";
const URL: &str = "[url]";
pub(crate) const MASKED: &str = "[masked]";

/// A part of the text that may not leave, and what stands in its place.
struct Hit {
    range: Range<usize>,
    with: &'static str,
}

/// Replaces what may hold a person's data or a credential; borrows when there is nothing to replace.
///
/// - a word of ten or more ASCII digits, and nothing but digits, becomes `[digits]`
/// - what follows `scheme://` becomes `[url]`, user, password and query included
/// - the value after `Api-Token`, `Api-Key`, `Authorization`, `Cookie` or `Password` and a `:` or `=` becomes `[masked]`
///
/// Scrubbing twice changes nothing more. A line of JSON may not be valid JSON any more.
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

/// Whether a word of this many digits is a number that may not leave.
pub(crate) fn is_number(word: &[u8]) -> bool {
    word.len() >= NUMBER && word.iter().all(u8::is_ascii_digit)
}

/// Whether text that ends in this name announces a credential.
pub(crate) fn announces_credential(name: &str) -> bool {
    let bytes = name.as_bytes();
    let word = bytes
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric())
        .map_or(0, |at| at + 1);
    credential(bytes, word..bytes.len()).is_some()
}

/// The first hit at or after `from`, which must not lie inside a word.
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

/// How many bytes to pass over at something that is not a word. An escape ends in a letter or digit that would
/// otherwise be read as the head of the word behind it, so that `\n22212345678` would seem a harmless word.
fn separator(bytes: &[u8], at: usize) -> usize {
    match &bytes[at..] {
        [0x1b, b'[', parameters @ ..] => parameters
            .iter()
            .position(|byte| !byte.is_ascii() || (0x40..=0x7e).contains(byte))
            .map_or(2, |last| {
                last + 2 + usize::from(parameters[last].is_ascii())
            }),
        [b'\\', ..] => backslash(&bytes[at..]),
        // `%2B2348031234567`; but in `%22212345678` the whole word is a number.
        [b'%', tail @ ..] if is_hex(tail, 2) && !starts_with_number(tail) => 3,
        _ => 1,
    }
}

/// The length of an escape. Text that was escaped twice has two backslashes or more in front of the letter.
fn backslash(escape: &[u8]) -> usize {
    let slashes = escape.iter().take_while(|byte| **byte == b'\\').count();
    slashes
        + match &escape[slashes..] {
            // In JSON a replacement may not begin inside these four digits.
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

/// A URL ends at white space, at a quote, at an escape. What closes a sentence or a bracket behind it is kept.
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

/// How far the value of a credential reaches.
#[derive(Clone, Copy)]
enum Reach {
    /// To the next white space.
    Word,
    /// To the end of the line, since the value has words: `Bearer …`, `a=1; b=2`.
    Line,
}

/// Whether the word, with what stands before it, is the name of a header or field that holds a credential.
fn credential(bytes: &[u8], word: Range<usize>) -> Option<Reach> {
    let name = &bytes[word.clone()];
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    // A bare `token` is not enough: the queue's fencing token is worth logging.
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

/// The value behind a name that ends at `at`: quotes may close the name and open the value, `:` or `=` must stand between.
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

/// Passes over any of `these` bytes, and over colours.
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
