//! Corrects faults within JSON: raw control characters and unpaired surrogates in texts, `NaN` and `Infinity`, trailing commas.

use std::borrow::Cow;

use super::report::{Repair, done};

/// Corrects the text in one pass. Of several repairs with one name, only the first is reported.
pub(super) fn scan<'a>(text: &'a str, repairs: &mut Vec<Repair>) -> Cow<'a, str> {
    let mut scan = Scan {
        text,
        kept: String::new(),
        from: 0,
        repairs,
    };
    let mut at = 0;
    let mut is_inside = false;
    while let Some(byte) = text.as_bytes().get(at) {
        at += match (is_inside, byte) {
            (_, b'"') => {
                is_inside = !is_inside;
                1
            }
            (true, b'\\') => scan.escape(at),
            (true, 0..0x20) => scan.control(at, *byte),
            (false, b'N' | b'I' | b'-') => scan.number(at),
            (false, b',') => scan.comma(at),
            _ => 1,
        };
    }
    if scan.kept.is_empty() && scan.from == 0 {
        return Cow::Borrowed(text);
    }
    scan.kept.push_str(&text[scan.from..]);
    Cow::Owned(scan.kept)
}

struct Scan<'a, 'r> {
    text: &'a str,
    kept: String,
    /// `kept` holds the text up to this byte.
    from: usize,
    repairs: &'r mut Vec<Repair>,
}

impl Scan<'_, '_> {
    /// Replaces `length` bytes at `at`.
    fn replace(
        &mut self,
        at: usize,
        length: usize,
        by: &str,
        name: &'static str,
        what: &'static str,
    ) {
        self.kept.push_str(&self.text[self.from..at]);
        self.kept.push_str(by);
        self.from = at + length;
        if self.repairs.iter().all(|repair| repair.name != name) {
            self.repairs.push(done(name, what, at));
        }
    }

    fn control(&mut self, at: usize, byte: u8) -> usize {
        let escaped = format!("\\u{byte:04x}");
        self.replace(
            at,
            1,
            &escaped,
            "control_character",
            "a text had a raw control character",
        );
        1
    }

    /// Corrects an escape: an unpaired surrogate, or `\'`, which JSON does not have.
    fn escape(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        match rest.as_bytes().get(1) {
            Some(b'u') => match unit(rest) {
                Some(0xD800..=0xDBFF)
                    if matches!(rest.get(6..).and_then(unit), Some(0xDC00..=0xDFFF)) =>
                {
                    12
                }
                Some(0xD800..=0xDFFF) => {
                    self.replace(
                        at,
                        6,
                        "\\ufffd",
                        "half_surrogate",
                        "a text had an unpaired surrogate",
                    );
                    6
                }
                _ => 2,
            },
            Some(b'\'') => {
                self.replace(
                    at,
                    2,
                    "'",
                    "escape",
                    "a text had an escape that JSON does not have",
                );
                2
            }
            Some(byte) if byte.is_ascii() => 2,
            _ => 1,
        }
    }

    fn number(&mut self, at: usize) -> usize {
        let words = ["NaN", "Infinity", "-Infinity", "-NaN"];
        let word = words
            .into_iter()
            .find(|word| self.text[at..].starts_with(word));
        let Some(word) = word else {
            return 1;
        };
        self.replace(
            at,
            word.len(),
            "null",
            "no_number",
            "a number was NaN or infinite",
        );
        word.len()
    }

    /// Removes a trailing comma.
    fn comma(&mut self, at: usize) -> usize {
        if self.text[at + 1..].trim_start().starts_with(['}', ']']) {
            self.replace(at, 1, "", "comma", "there was a trailing comma");
        }
        1
    }
}

/// Parses `\uXXXX` as a UTF-16 code unit.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}
