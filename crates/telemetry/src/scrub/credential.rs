//! Values that a name announces: credentials, which are masked, and measures, which are kept.

use std::ops::Range;

use super::text::separator;

/// Returns whether the name ends with the name of a credential.
pub(crate) fn announces_credential(name: &str) -> bool {
    let bytes = name.as_bytes();
    let word = bytes
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric())
        .map_or(0, |at| at + 1);
    credential(bytes, word..bytes.len()).is_some()
}

/// The extent of the value of a credential.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// To the next white space.
    Word,
    /// To the end of the line, because the value may have several words: `Bearer …`, `a=1; b=2`.
    Line,
}

/// Returns the extent of the value if the word, together with the text before it, is the name of a credential.
pub(super) fn credential(bytes: &[u8], word: Range<usize>) -> Option<Reach> {
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
pub(super) fn value(bytes: &[u8], at: usize, reach: Reach) -> Option<Range<usize>> {
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

/// The ends of names whose values are measures: `duration_ms=`, `max_image_bytes=`.
const MEASURES: [&str; 6] = ["bytes", "size", "ms", "us", "ns", "seconds"];

/// Returns whether the name ends with the name of a measure.
pub(crate) fn announces_measure(name: &str) -> bool {
    let word = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    is_measure(word.unwrap_or_default().as_bytes())
}

fn is_measure(word: &[u8]) -> bool {
    MEASURES
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Returns the end of the measure that follows if `word` is the name of one: a number, which is not a person's.
pub(super) fn measure(bytes: &[u8], word: Range<usize>) -> Option<usize> {
    if !is_measure(&bytes[word.clone()]) {
        return None;
    }
    let value = value(bytes, word.end, Reach::Word)?;
    let ended = |byte: &u8| !byte.is_ascii_digit() && !matches!(byte, b'.' | b'-');
    let length = bytes[value.clone()].iter().position(ended);
    // What continues as a word, or after a blank, is no plain number: `size=0803 123 4567`.
    let end = length.map_or(value.end, |length| value.start + length);
    let goes_on = bytes.get(end).is_some_and(|next| {
        next.is_ascii_alphanumeric()
            || (*next == b' ' && bytes.get(end + 1).is_some_and(u8::is_ascii_digit))
    });
    let number = &bytes[value.start..end];
    let is_plain = !number.is_empty() && number.iter().skip(1).all(|byte| *byte != b'-');
    (is_plain && !goes_on).then_some(end)
}
