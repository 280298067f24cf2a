//! Makes the provider's own text safe to store: bounds its length and masks long numbers.

use std::fmt;

/// The largest number of characters.
const MAX_CHARS: usize = 300;
/// Runs of at least this many ASCII digits are masked. A code or a year is shorter; so are some RC numbers, which are public.
const MASK_DIGITS: usize = 6;

/// Text in the provider's own words: an envelope's `message` or `status`.
///
/// It has at most 300 characters. Every run of six or more ASCII digits is replaced by as many `*`, since a message may echo
/// a number. It may still echo a name; therefore `Debug` shows only the length, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderText(Box<str>);

impl ProviderText {
    /// Trims, bounds and masks `text`.
    pub fn new(text: &str) -> Self {
        let mut safe = String::new();
        let mut digits = 0;
        // Mask before truncating, so that a number at the limit is never recognised only in part.
        for letter in text.trim().chars().take(MAX_CHARS + MASK_DIGITS) {
            if letter.is_ascii_digit() {
                digits += 1;
            } else {
                digits = mask(&mut safe, digits);
            }
            safe.push(letter);
        }
        mask(&mut safe, digits);
        if let Some((end, _)) = safe.char_indices().nth(MAX_CHARS) {
            safe.truncate(end);
        }
        Self(safe.into_boxed_str())
    }

    /// Returns the text. It may hold a name: store it with the person's record, and never in a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Converts into the text.
    pub fn into_string(self) -> String {
        self.0.into_string()
    }
}

/// Masks the last `digits` bytes of `text` if there are at least `MASK_DIGITS`, and returns the new count: 0.
fn mask(text: &mut String, digits: usize) -> usize {
    if digits >= MASK_DIGITS {
        let start = text.len() - digits;
        text.truncate(start);
        text.extend(std::iter::repeat_n('*', digits));
    }
    0
}

impl fmt::Debug for ProviderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_and_length_is_bounded() {
        let rows = [
            ("  Record not found ", "Record not found".to_owned()),
            (
                "BVN 22212345678 unknown",
                "BVN *********** unknown".to_owned(),
            ),
            ("12345", "12345".to_owned()),
            ("123456", "******".to_owned()),
            ("code 404, since 2021", "code 404, since 2021".to_owned()),
            ("A12345678/B1", "A********/B1".to_owned()),
            ("", String::new()),
            (&"é".repeat(400), "é".repeat(300)),
            (
                &format!("{}22212345678", "x".repeat(297)),
                format!("{}***", "x".repeat(297)),
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(ProviderText::new(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(
            format!("{:?}", ProviderText::new("Ada")),
            "ProviderText(3 bytes)"
        );
    }
}
