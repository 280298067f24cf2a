//! Scrubs a line of JSON so that it stays valid JSON: strings are scrubbed inside their quotes, and numbers are
//! replaced by strings.

use std::borrow::Cow;

use crate::scrub::{self, MASKED};

const DIGITS: &str = "\"[digits]\"";

/// Scrubs a JSON object as `tracing-subscriber` writes it. Borrows if there is nothing to replace.
///
/// Text that is not valid JSON is scrubbed too, as far as strings and numbers are recognisable in it.
pub(crate) fn scrub(line: &str) -> Cow<'_, str> {
    let mut clean = Cleaner {
        line,
        done: 0,
        clean: String::new(),
        credential: false,
        measure: false,
    };
    let mut at = 0;
    while let Some(&byte) = line.as_bytes().get(at) {
        at = match byte {
            b'"' => clean.string(at + 1),
            b'-' | b'0'..=b'9' => clean.number(at),
            b'{' | b',' => {
                clean.credential = false;
                clean.measure = false;
                at + 1
            }
            _ => at + 1,
        };
    }
    clean.finish()
}

struct Cleaner<'a> {
    line: &'a str,
    /// The part of the line before this offset has been copied to `clean`.
    done: usize,
    clean: String,
    /// Whether the last key is the name of a credential.
    credential: bool,
    /// Whether the last key is the name of a measure.
    measure: bool,
}

impl<'a> Cleaner<'a> {
    /// Scrubs the string whose content starts at `start`. Returns the offset after its closing quote.
    fn string(&mut self, start: usize) -> usize {
        let end = string_end(self.line.as_bytes(), start);
        let body = &self.line[start..end];
        let is_key = self.line[end..].starts_with("\":");
        if self.credential && !is_key {
            self.replace(start, end, MASKED);
        } else if let Cow::Owned(clean) = scrub::scrub(body) {
            self.replace(start, end, &clean);
        }
        if is_key {
            self.credential = scrub::announces_credential(body);
            self.measure = scrub::announces_measure(body);
        }
        end + 1
    }

    /// Scrubs the number at `start`. Returns the offset after it.
    fn number(&mut self, start: usize) -> usize {
        let bytes = self.line.as_bytes();
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let end = bytes[start..]
            .iter()
            .position(|byte| !is_part(byte))
            .map_or(bytes.len(), |length| start + length);
        let number = &self.line[start..end];
        let is_person = !self.measure && matches!(scrub::scrub(number), Cow::Owned(_));
        if is_person || self.credential {
            self.replace(start, end, DIGITS);
        }
        end
    }

    fn replace(&mut self, start: usize, end: usize, with: &str) {
        self.clean.push_str(&self.line[self.done..start]);
        self.clean.push_str(with);
        self.done = end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.done == 0 {
            return Cow::Borrowed(self.line);
        }
        self.clean.push_str(&self.line[self.done..]);
        Cow::Owned(self.clean)
    }
}

/// Returns the offset of the closing quote, or the end of the text.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_scrubbed_and_stay_json() {
        let cases = [
            (r#"{"a":"bvn 22212345678"}"#, r#"{"a":"bvn [digits]"}"#),
            (r#"{"a":22212345678,"b":1}"#, r#"{"a":"[digits]","b":1}"#),
            (r#"{"a":-22212345678.5e3}"#, r#"{"a":"[digits]"}"#),
            (r#"{"a":1.12345678901}"#, r#"{"a":"[digits]"}"#),
            (
                r#"{"phone":"0803 123 4567","path":"/identity/nin/222"}"#,
                r#"{"phone":"[digits]","path":"/identity/[url]"}"#,
            ),
            (
                r#"{"duration_ms":22212345678,"a":22212345678}"#,
                r#"{"duration_ms":22212345678,"a":"[digits]"}"#,
            ),
            (
                r#"{"a":"x\n22212345678\"https://h/\"y"}"#,
                r#"{"a":"x\n[digits]\"https://[url]\"y"}"#,
            ),
            (
                r#"{"api_token":"a b","b":"c"}"#,
                r#"{"api_token":"[masked]","b":"c"}"#,
            ),
            (
                r#"{"password":123,"b":4}"#,
                r#"{"password":"[digits]","b":4}"#,
            ),
            (
                r#"{"a":"Authorization: Bearer x"}"#,
                r#"{"a":"Authorization: [masked]"}"#,
            ),
            (r#"{"22212345678":true}"#, r#"{"[digits]":true}"#),
        ];
        for (line, clean) in cases {
            assert_eq!(scrub(line), clean, "{line}");
            serde_json::from_str::<serde_json::Value>(clean).expect(clean);
        }
    }

    #[test]
    fn a_clean_line_is_borrowed() {
        let line = r#"{"timestamp":"2026-11-21T22:03:00.123456Z","level":"INFO","n":123456789,"t":[1,2],"used_bytes":12345678901,"share":0.3333333333333333}"#;
        assert!(matches!(scrub(line), Cow::Borrowed(_)));
    }

    #[test]
    fn text_that_is_not_json_is_scrubbed_too() {
        assert_eq!(scrub("\"cut 22212345678"), "\"cut [digits]");
        assert_eq!(scrub("\"cut \\"), "\"cut \\");
        assert_eq!(scrub("\"\\\u{20ac}\" 1"), "\"\\\u{20ac}\" 1");
    }
}
