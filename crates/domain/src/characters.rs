//! Characters in numbers and dates.

/// Whether the character is a dash other than the hyphen, or invisible.
///
/// Such characters get into a number that is copied from a web page.
pub(crate) fn is_stray(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{00AD}')
}

/// Returns the text in upper case, without the blanks and hyphens between groups of characters.
///
/// Only ASCII letters change case: Unicode's upper case of `ſ` is `S`, and of `ß` is `SS`, which would make another number.
pub(crate) fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-' && !is_stray(*c))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Whether the text consists of ASCII digits, at least one.
pub(crate) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
