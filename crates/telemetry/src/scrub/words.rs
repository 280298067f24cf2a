//! Single words: numbers of documents, which are replaced, and ids, which are kept although they contain digits.

use super::text::{digits, is_date};

/// Returns the length of the number of a passport or a driver's licence that begins with a word of this length.
///
/// After a single letter, a blank or a hyphen may stand before 8 digits: `A 01234567`.
pub(super) fn document(text: &[u8], word: usize) -> Option<usize> {
    if is_document(&text[..word]) {
        return Some(word);
    }
    match text {
        [b'A'..=b'Z', b' ' | b'-', rest @ ..] if digits(rest) == 8 => {
            let ends = !rest.get(8).is_some_and(u8::is_ascii_alphanumeric);
            ends.then_some(10)
        }
        _ => None,
    }
}

/// Returns whether the word is such a number.
///
/// A passport has one or two letters and 7 to 9 digits: `A01234567`. A licence has three letters, and digits that may be
/// mixed with letters: `FKJ494A2133`.
fn is_document(word: &[u8]) -> bool {
    let letters = word
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let rest = &word[letters..];
    let digits = rest.iter().filter(|byte| byte.is_ascii_digit()).count();
    match letters {
        1 | 2 => digits == rest.len() && (7..=9).contains(&digits) && !is_dated(word),
        3 => (10..=15).contains(&word.len()) && digits >= 6,
        _ => false,
    }
}

/// Returns whether the word is a letter and a day, as in the name of a key: `k20261127`.
fn is_dated(word: &[u8]) -> bool {
    match word {
        [b'a'..=b'z', date @ ..] if date.len() == 8 => is_date(&date[..4], &date[4..6], &date[6..]),
        _ => false,
    }
}

/// Returns whether the word is an id that no person has: the id of a verification, a hash, or the name of a key.
pub(super) fn is_id(word: &[u8]) -> bool {
    is_ulid(word) || is_hash(word) || is_dated(word)
}

/// Returns whether the word is a ULID: 26 symbols of Crockford's base32.
fn is_ulid(word: &[u8]) -> bool {
    let symbol =
        |byte: &u8| byte.is_ascii_alphanumeric() && !b"ILOU".contains(&byte.to_ascii_uppercase());
    word.len() == 26 && word[0] <= b'7' && word.iter().all(symbol) && has_letter(word)
}

/// Returns whether the word is a hash or another long number in hexadecimal digits.
fn is_hash(word: &[u8]) -> bool {
    matches!(word.len(), 16 | 32 | 40 | 64 | 96 | 128)
        && word.iter().all(u8::is_ascii_hexdigit)
        && has_letter(word)
}

fn has_letter(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_alphabetic)
}

/// Returns the length of the UUID that the text begins with: hexadecimal words of 8, 4, 4, 4 and 12 digits.
pub(super) fn uuid(text: &[u8]) -> Option<usize> {
    let text = text.get(..36)?;
    let parts = text.split(|byte| *byte == b'-').map(|part| {
        let is_hex = part.iter().all(u8::is_ascii_hexdigit);
        if is_hex { part.len() } else { 0 }
    });
    (parts.eq([8, 4, 4, 4, 12]) && has_letter(text)).then_some(36)
}
