//! The answers that are not ordinary records: refusals, fixed bodies, and bodies that are sent abnormally.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};

use crate::answer::{self, Payload};

/// The pause before the connection of a cut body breaks, so that its first half is sent before.
const BEFORE_THE_CUT: Duration = Duration::from_millis(50);

/// The most pieces of a slow body.
const PIECES: usize = 40;

/// Marks a response that must not be compressed, because its fault is how its bytes are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsIs;

/// Marks a response that must not be sent. The connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HangUp;

/// A status, a message in the provider's envelope, and an optional `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    message: &'static str,
    retry: Retry,
}

/// The header `Retry-After` of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No header.
    Unsaid,
    /// Seconds.
    Seconds(u32),
    /// An HTTP date, this many seconds after the answer, rounded up.
    DateIn(u32),
}

/// A body that does not depend on the number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fixed {
    Html,
    WrongShape,
    EnvelopeError,
}

impl Refusal {
    pub(crate) const fn new(status: u16, message: &'static str, retry: Retry) -> Self {
        Self {
            status,
            message,
            retry,
        }
    }

    /// Returns the response. A date in it is computed from `now`.
    pub(crate) fn response(self, now: Timestamp) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = answer::json(status, &answer::error_envelope(self.message));
        if let Some(value) = self.retry.header(now) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

impl Retry {
    fn header(self, now: Timestamp) -> Option<HeaderValue> {
        match self {
            Self::Unsaid => None,
            Self::Seconds(seconds) => Some(HeaderValue::from(seconds)),
            Self::DateIn(seconds) => {
                // HTTP dates have no fractions. One more second makes sure that the pause is not too short.
                let then = now
                    .checked_add(SignedDuration::from_secs(i64::from(seconds) + 1))
                    .ok()?;
                let text = DateTimePrinter::new()
                    .timestamp_to_rfc9110_string(&then)
                    .ok()?;
                HeaderValue::try_from(text).ok()
            }
        }
    }
}

impl Fixed {
    pub(crate) fn response(self) -> Response {
        let (media, body) = match self {
            Self::Html => (
                "text/html; charset=utf-8",
                "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head>\
                 <body><h1>We will be back soon</h1></body></html>\n",
            ),
            Self::WrongShape => (
                answer::JSON,
                r#"{"status":"success","data":{"type":"response","data":[1,2,3]},"message":null}"#,
            ),
            Self::EnvelopeError => (
                answer::JSON,
                r#"{"status":"error","data":null,"message":"The request could not be processed"}"#,
            ),
        };
        answer::response(StatusCode::OK, media, Body::from(body))
    }
}

/// Returns a response that makes the server close the connection without an answer.
pub(crate) fn hang_up() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(HangUp);
    response
}

/// Sends the whole body in small pieces, evenly spread over `total`.
pub(crate) fn slow(payload: Payload, total: Duration) -> Response {
    let body = payload.into_bytes();
    let length = body.len();
    let size = length.div_ceil(PIECES).max(1);
    let pause = total / u32::try_from(length.div_ceil(size).max(1)).unwrap_or(u32::MAX);
    let pieces = stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, io::Error>(piece), rest))
    });
    as_is(length, Body::from_stream(pieces))
}

/// Announces the length of the whole body, sends half of it, and breaks the connection.
pub(crate) fn cut(payload: Payload) -> Response {
    let whole = payload.into_bytes();
    let half = whole.slice(..whole.len() / 2);
    let sent = stream::iter([Ok(half)]);
    let broken = stream::once(async {
        tokio::time::sleep(BEFORE_THE_CUT).await;
        Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    as_is(whole.len(), Body::from_stream(sent.chain(broken)))
}

/// Sends half of the body, with a `Content-Length` that matches the half.
pub(crate) fn truncated(payload: Payload) -> Response {
    let whole = payload.into_bytes();
    let half = whole.slice(..whole.len() / 2);
    as_is(half.len(), Body::from(half))
}

fn as_is(length: usize, body: Body) -> Response {
    let mut response = answer::response(StatusCode::OK, answer::JSON, body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response.extensions_mut().insert(AsIs);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_never_too_early() {
        let now: Timestamp = "2026-03-01T10:00:00.9Z".parse().unwrap();
        let value = Retry::DateIn(2).header(now).unwrap();
        assert_eq!(value, "Sun, 01 Mar 2026 10:00:03 GMT");
        assert_eq!(Retry::Seconds(2).header(now).unwrap(), "2");
        assert_eq!(Retry::Unsaid.header(now), None);
    }
}
