//! Removes the escapes with which PHP writes `/` as `\/`.
//!
//! In base64, one letter of 64 is a slash. A text with escapes cannot be borrowed from the body: the parser scans it letter by
//! letter, twice.

use memchr::{memchr, memmem};

/// Returns the same JSON with every `\/` replaced by `/`, or `None` if it has no `\/`.
pub fn without_escaped_slashes(body: &[u8]) -> Option<Vec<u8>> {
    memmem::find(body, br"\/")?;
    let mut plain = Vec::with_capacity(body.len());
    let (mut from, mut at) = (0, 0);
    while let Some(next) = body.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        let escape = at + next;
        if body.get(escape + 1) == Some(&b'/') {
            plain.extend_from_slice(&body[from..escape]);
            from = escape + 1;
        }
        // An escape has two bytes. An escaped backslash starts no escape of its own.
        at = escape + 2;
    }
    plain.extend_from_slice(&body[from..]);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slashes_lose_their_escape() {
        for (body, plain) in [
            (r#"{"a":"b\/c\/"}"#, r#"{"a":"b/c/"}"#),
            (
                r#"{"a":"\\/ \/ \"\/\" \u002f"}"#,
                r#"{"a":"\\/ / \"/\" \u002f"}"#,
            ),
            (r"\/", "/"),
            (r"\\\/\", r"\\/\"),
        ] {
            let found = without_escaped_slashes(body.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), plain, "{body}");
        }
        for body in ["", "{}", r#"{"a":"b/c\n"}"#, "\\"] {
            assert_eq!(without_escaped_slashes(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn what_it_means_stays() {
        let texts = [r#"["\\\\/","\/\/","\\\"\/",{"\/k":"\/"}]"#, r#""\/\\\/""#];
        for text in texts {
            let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
            let plain = without_escaped_slashes(text.as_bytes()).unwrap();
            assert_eq!(read(&plain), read(text.as_bytes()), "{text}");
        }
    }
}
