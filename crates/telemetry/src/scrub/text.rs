//! Where words, escapes, digits and URLs begin and end.

/// The fewest digits of a person's number. Phone numbers have 10 or more digits, NIN and BVN 11.
pub(super) const NUMBER: usize = 10;

/// Returns the end of the word that begins at `start`.
pub(super) fn word_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..]
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .map_or(bytes.len(), |length| start + length)
}

/// Returns the number of bytes to skip at a position outside a word.
///
/// An escape sequence is skipped as a whole. Its last letter or digit would otherwise be read as the beginning of the
/// next word, and `\n22212345678` would not be recognised as a number.
pub(super) fn separator(bytes: &[u8], at: usize) -> usize {
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
    digits(bytes) >= NUMBER
}

/// Returns the end of a URL: white space, a quote or an escape. Punctuation and brackets at its end are not part of it.
pub(super) fn url_end(bytes: &[u8], start: usize) -> usize {
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

/// Returns the number of digits at the beginning of the text.
pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Returns whether year, month and day are a date of our time.
pub(super) fn is_date(year: &[u8], month: &[u8], day: &[u8]) -> bool {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u32>().ok();
    let year = number(year).is_some_and(|year| (1900..2100).contains(&year));
    let month = number(month).is_some_and(|month| (1..=12).contains(&month));
    year && month && number(day).is_some_and(|day| (1..=31).contains(&day))
}
