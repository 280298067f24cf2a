//! What is wrong inside JSON: control characters and half surrogates in texts, numbers that are none, commas too many.

use std::borrow::Cow;

use super::report::{Repair, done};

/// Goes through the text once. Of each kind of repair the first is told.
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
    /// Up to here the text stands in `kept`.
    from: usize,
    repairs: &'r mut Vec<Repair>,
}

impl Scan<'_, '_> {
    /// Puts something in the place of so many bytes.
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
            "a text held a raw control character",
        );
        1
    }

    /// An escape: half of a surrogate pair alone is no letter, and some are none of JSON's.
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
                        "a text held half a letter",
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
                    "a text held an escape that JSON has not",
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
        self.replace(at, word.len(), "null", "no_number", "a number was none");
        word.len()
    }

    /// A comma behind which nothing follows.
    fn comma(&mut self, at: usize) -> usize {
        if self.text[at + 1..].trim_start().starts_with(['}', ']']) {
            self.replace(at, 1, "", "comma", "a comma stood where nothing follows");
        }
        1
    }
}

/// The unit of UTF-16 that `\uXXXX` stands for.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}
