//! Repairs a body that is damaged in a way that can mean one thing only. What can mean two things stays as it is.
//!
//! Hides the order: first what the bytes are, then which of them are the JSON, then what is wrong inside it.

mod report;
mod scan;
mod unpack;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use report::done;
pub use report::{Repair, Repaired};

/// Repairs a body that cannot be read as JSON; `None` where nothing is to be repaired, or nothing helps. What is unpacked
/// has at most `limit` bytes.
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

/// A body as JSON, repaired where that is needed.
#[cfg(feature = "client")]
pub(crate) fn value(body: &[u8], limit: usize) -> Option<Value> {
    let plain = serde_json::from_slice(body).ok();
    plain.or_else(|| serde_json::from_slice(&repair(body, limit)?.body).ok())
}

/// The JSON, where something stands in front of it: a notice of PHP, a guard against scripts, a call around it; or where
/// all of it is coded as one text.
fn json_in<'a>(text: &'a str, repairs: &mut Vec<Repair>) -> Option<Cow<'a, str>> {
    let start = text.len() - text.trim_start().len();
    match text.as_bytes().get(start)? {
        b'{' | b'[' => Some(Cow::Borrowed(text)),
        b'"' => {
            let inner: String = serde_json::from_str(text).ok()?;
            let is_object = inner.trim_start().starts_with('{');
            repairs.push(done("json_in_text", "the JSON was coded as a text", start));
            is_object.then_some(Cow::Owned(inner))
        }
        _ => {
            let at = envelope_at(text)?;
            repairs.push(done(
                "text_before",
                "something stood in front of the JSON",
                start,
            ));
            Some(Cow::Borrowed(&text[at..]))
        }
    }
}

/// Where the one envelope of a text begins. A page has scripts with JSON of their own: it holds none.
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

/// Notices in front of an answer are shorter.
const LONGEST_BEFORE: usize = 16 << 10;

/// A status, and a message or data.
fn is_envelope(value: &Value) -> bool {
    let has = |key| value.get(key).is_some();
    has("status") && (has("data") || has("message"))
}

/// Whether a text is the beginning of a page for browsers.
fn is_page(text: &str) -> bool {
    const MARKS: [&str; 6] = ["<!doctype", "<html", "<head", "<body", "<script", "<style"];
    let text = text.to_ascii_lowercase();
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether bytes that are no JSON may hold an answer of the provider all the same: they are packed, in another alphabet, or
/// its key is among them.
pub(crate) fn may_hold_answer(body: &[u8]) -> bool {
    match std::str::from_utf8(body) {
        Ok(text) => text.contains(STATUS) && !is_page(text),
        Err(_) => true,
    }
}

/// Whether an answer ends too early, wherever in the bytes it begins.
pub(crate) fn is_cut(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        // What is packed and was whole is unpacked before.
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

/// Without what stands behind the end of the JSON. A second value there could be the answer as well.
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
        "something stood behind the JSON",
        json.len(),
    ));
    Some(json)
}
