//! Repairs a damaged body if only one meaning is possible. A body with two possible meanings stays as it is.
//!
//! The order is fixed: decode the bytes, find the JSON in the text, then correct the faults within the JSON.

mod report;
mod scan;
mod unpack;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use report::done;
pub use report::{Repair, Repaired};

/// Repairs a body that cannot be read as JSON.
///
/// Returns `None` if nothing is damaged, if no repair leads to JSON, or if a compressed body decompresses to more than
/// `limit` bytes.
pub fn repair(body: &[u8], limit: usize) -> Option<Repaired> {
    let mut repairs = Vec::new();
    let bytes = unpack::unpack(body, limit, &mut repairs)?;
    let text = unpack::decode(&bytes, &mut repairs);
    let text = json_in(&text, &mut repairs)?;
    let text = scan::scan(&text, &mut repairs);
    let text = without_rest(&text, &mut repairs)?;
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    (is_json && !repairs.is_empty()).then(|| Repaired {
        body: text.as_bytes().to_vec(),
        repairs,
    })
}

/// Parses a body as JSON, and repairs it if necessary.
#[cfg(feature = "client")]
pub(crate) fn value(body: &[u8], limit: usize) -> Option<Value> {
    let plain = serde_json::from_slice(body).ok();
    plain.or_else(|| serde_json::from_slice(&repair(body, limit)?.body).ok())
}

/// Returns the JSON of a text that has something in front of it, such as a notice of PHP, a guard against scripts or the call
/// of a function; or of a text that is one JSON string with the JSON in it.
fn json_in<'a>(text: &'a str, repairs: &mut Vec<Repair>) -> Option<Cow<'a, str>> {
    let start = text.len() - text.trim_start().len();
    match text.as_bytes().get(start)? {
        b'{' | b'[' => Some(Cow::Borrowed(text)),
        b'"' => {
            let inner: String = serde_json::from_str(text).ok()?;
            let is_object = inner.trim_start().starts_with('{');
            repairs.push(done(
                "json_in_text",
                "the JSON was encoded as a JSON string",
                start,
            ));
            is_object.then_some(Cow::Owned(inner))
        }
        _ => {
            let at = envelope_at(text)?;
            repairs.push(done(
                "text_before",
                "text before the JSON was removed",
                start,
            ));
            Some(Cow::Borrowed(&text[at..]))
        }
    }
}

/// Returns where the envelope in a text begins. An HTML page has none, since its scripts hold JSON of their own.
fn envelope_at(text: &str) -> Option<usize> {
    const MOST: usize = 64;
    let starts = text.match_indices('{').map(|(at, _)| at);
    let mut starts = starts.take_while(|at| *at < LONGEST_BEFORE).take(MOST);
    let at = starts.find(|at| {
        let scanned = scan::scan(&text[*at..], &mut Vec::new()).into_owned();
        let first = Deserializer::from_str(&scanned).into_iter::<Value>().next();
        first
            .and_then(Result::ok)
            .is_some_and(|value| is_envelope(&value))
    })?;
    (!is_page(&text[..at])).then_some(at)
}

/// The envelope begins before this byte. Notices in front of an answer are shorter.
const LONGEST_BEFORE: usize = 16 << 10;

/// Returns whether a value has a status, and a message or data.
fn is_envelope(value: &Value) -> bool {
    let has = |key| value.get(key).is_some();
    has("status") && (has("data") || has("message"))
}

/// Returns whether a text is the beginning of an HTML page.
fn is_page(text: &str) -> bool {
    const MARKS: [&str; 6] = ["<!doctype", "<html", "<head", "<body", "<script", "<style"];
    let text = text.to_ascii_lowercase();
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Returns whether bytes that are not JSON may still hold an answer of the provider: they are compressed or in another
/// encoding, or they contain the key `"status"`.
pub(crate) fn may_hold_answer(body: &[u8]) -> bool {
    match std::str::from_utf8(body) {
        Ok(text) => text.contains(STATUS) && !is_page(text),
        Err(_) => true,
    }
}

/// Returns whether an answer ends too early, wherever in the bytes it begins.
pub(crate) fn is_cut(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        // A complete compressed body was decompressed before.
        return matches!(
            body,
            [0x1F, 0x8B, ..] | [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..]
        );
    };
    let before = text.find(STATUS).map(|at| &text[..at]);
    let Some(start) = before.and_then(|before| before.rfind('{')) else {
        return false;
    };
    let rest = serde_json::from_str::<IgnoredAny>(&text[start..]);
    rest.is_err_and(|error| error.is_eof())
}

const STATUS: &str = "\"status\"";

/// Removes the text after the JSON. Returns `None` if that text is or may hold a second answer.
fn without_rest<'a>(text: &'a str, repairs: &mut Vec<Repair>) -> Option<&'a str> {
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (json, rest) = text.split_at(values.byte_offset());
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(text);
    }
    if rest.starts_with(['{', '[']) || rest.contains(STATUS) {
        return None;
    }
    repairs.push(done(
        "text_behind",
        "text after the JSON was removed",
        json.len(),
    ));
    Some(json)
}
