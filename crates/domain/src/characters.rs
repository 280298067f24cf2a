//! The characters of numbers and dates: which ones count, and which only came along.

/// Dashes that are no hyphens, and marks that nobody sees: they come along when a number is copied from a page.
pub(crate) fn is_stray(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{00AD}')
}

/// Upper case, without the blanks and hyphens people put between groups. Letters of other scripts stay: Unicode's
/// upper case would make an `S` of `ſ` and `SS` of `ß`, a number that nobody wrote.
pub(crate) fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-' && !is_stray(*c))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

pub(crate) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
