//! Writes the provider's JSON: groups of text fields, and images that are not copied.
//!
//! A record consists of a few hundred bytes of text and up to megabytes of base64. The texts are written to a buffer.
//! An image is a chunk of the body that all answers with the same portrait share.

use std::{convert::Infallible, mem};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use futures::stream;
use serde_json::json;

/// The media type of every answer, except for the HTML page of case 034.
pub(crate) const JSON: &str = "application/json";

/// A success word that does not occur in the provider's collection.
const ODD_SUCCESS: &str = "done";

/// The capacity for the texts of the longest record.
const TEXTS: usize = 2_048;

/// A value in a group.
pub(crate) enum Node<'a> {
    /// Text that is escaped when it is written.
    Text(&'a str),
    /// Text that needs no escaping, such as base64. It is shared, not copied.
    Spliced(&'a Bytes),
    /// A nested group.
    Group(Fields<'a>),
}

/// A field of a group: its name and its value.
pub(crate) type Field<'a> = (&'static str, Node<'a>);

/// The fields of a group, in the order of writing.
pub(crate) type Fields<'a> = &'a [Field<'a>];

/// Returns a text field.
pub(crate) const fn text<'a>(name: &'static str, value: &'a str) -> Field<'a> {
    (name, Node::Text(value))
}

/// Returns a field with an image: text without characters that JSON escapes. It is not copied.
pub(crate) const fn image<'a>(name: &'static str, value: &'a Bytes) -> Field<'a> {
    (name, Node::Spliced(value))
}

/// Returns a field with a nested group.
pub(crate) const fn group<'a>(name: &'static str, fields: Fields<'a>) -> Field<'a> {
    (name, Node::Group(fields))
}

/// A body in chunks, some of which are shared with other answers.
pub(crate) struct Payload {
    chunks: Vec<Bytes>,
}

impl Payload {
    /// Writes `groups` in the provider's envelope.
    pub(crate) fn success(groups: Fields<'_>) -> Self {
        let mut writer = Writer {
            chunks: Vec::with_capacity(5),
            texts: Vec::with_capacity(TEXTS),
        };
        writer.raw(r#"{"status":"success","data":{"type":"response","data":"#);
        writer.group(groups);
        writer.raw(r#"},"message":null}"#);
        writer.flush();
        Self {
            chunks: writer.chunks,
        }
    }

    /// Replaces the success word of the envelope by an unexpected one.
    pub(crate) fn odd(mut self) -> Self {
        if let Some(first) = self.chunks.first_mut() {
            let text = String::from_utf8_lossy(first);
            *first = Bytes::from(text.replacen("success", ODD_SUCCESS, 1));
        }
        self
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.chunks.iter().map(Bytes::len).sum()
    }

    /// Copies all chunks into one.
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from(self.chunks.concat())
    }

    /// Returns a response with status 200 and a `Content-Length`.
    pub(crate) fn response(self) -> Response {
        let length = HeaderValue::from(self.len());
        let chunks = stream::iter(self.chunks.into_iter().map(Ok::<_, Infallible>));
        let mut response = response(StatusCode::OK, JSON, Body::from_stream(chunks));
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length);
        response
    }
}

struct Writer {
    chunks: Vec<Bytes>,
    texts: Vec<u8>,
}

impl Writer {
    fn raw(&mut self, text: &str) {
        self.texts.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.texts, text)
            .expect("every text can be written as JSON, and writing to a Vec cannot fail");
    }

    fn group(&mut self, fields: Fields<'_>) {
        for (place, (name, value)) in fields.iter().enumerate() {
            self.raw(if place == 0 { "{" } else { "," });
            self.text(name);
            self.raw(":");
            match value {
                Node::Text(text) => self.text(text),
                Node::Spliced(bytes) => self.splice(bytes),
                Node::Group(fields) => self.group(fields),
            }
        }
        self.raw(if fields.is_empty() { "{}" } else { "}" });
    }

    fn splice(&mut self, bytes: &Bytes) {
        self.raw("\"");
        if !bytes.is_empty() {
            self.flush();
            self.chunks.push(bytes.clone());
        }
        self.raw("\"");
    }

    fn flush(&mut self) {
        if !self.texts.is_empty() {
            self.chunks.push(Bytes::from(mem::take(&mut self.texts)));
        }
    }
}

/// Returns a response with this status, media type and body.
pub(crate) fn response(status: StatusCode, media: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// Returns a small JSON response.
pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    response(status, JSON, Body::from(value.to_string()))
}

/// Returns a JSON response with status 200.
pub(crate) fn ok(value: &serde_json::Value) -> Response {
    json(StatusCode::OK, value)
}

/// Returns the envelope of a refusal.
///
/// The provider documents none, so this is its envelope of a success with other values.
pub(crate) fn error_envelope(message: &str) -> serde_json::Value {
    json!({ "status": "error", "data": null, "message": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_nest_and_texts_are_escaped() {
        let none = Bytes::new();
        let photo = Bytes::from_static(b"AAAA");
        let payload = Payload::success(&[
            group("biodata", &[image("image", &photo), image("none", &none)]),
            group("profile", &[text("name", "Ya'u \"Ọlá\"")]),
            group("empty", &[]),
        ]);
        let length = payload.len();
        let bytes = payload.into_bytes();
        assert_eq!(length, bytes.len());
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            value,
            json!({ "status": "success", "message": null, "data": { "type": "response", "data": {
                "biodata": { "image": "AAAA", "none": "" },
                "profile": { "name": "Ya'u \"Ọlá\"" },
                "empty": {},
            }}})
        );
    }

    #[test]
    fn an_image_is_shared() {
        let photo = Bytes::from(vec![b'A'; 100_000]);
        let payload = Payload::success(&[image("image", &photo)]);
        assert!(
            payload
                .chunks
                .iter()
                .any(|chunk| chunk.as_ptr() == photo.as_ptr())
        );
    }
}
