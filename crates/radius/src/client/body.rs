//! Hides how a body is collected: once, into memory sized for it, and never beyond a cap.

use bytes::Bytes;
use reqwest::{Response, header::CONTENT_TYPE};

use super::fault;
use crate::words::Words;
use crate::{Body, Error, ProviderText, repair, says};

/// Room for a body of unknown length, in bytes: small ones fit, large ones double it a few times.
const FIRST_ROOM: usize = 32 << 10;
/// How much of a refusal's body is looked at for its message, in bytes.
const MAX_REFUSAL: usize = 64 << 10;

/// The body, decoded, of at most `limit` bytes.
///
/// The limit holds for what comes out of the decoder, as it comes: a small body that would grow
/// beyond it is given up on the way. A body whose stated length exceeds it is not begun.
pub(super) async fn collect(response: &mut Response, limit: usize) -> Result<Bytes, Error> {
    let status = response.status().as_u16();
    let too_large = || Error::TooLarge { status, limit };
    // None for a compressed body: its stated length is not the length of what comes.
    let stated = response
        .content_length()
        .map(|stated| usize::try_from(stated).unwrap_or(usize::MAX));
    if stated.is_some_and(|stated| stated > limit) {
        return Err(too_large());
    }
    let Some(first) = chunk(response).await? else {
        return Ok(Bytes::new());
    };
    if first.len() > limit {
        return Err(too_large());
    }
    let Some(second) = chunk(response).await? else {
        return Ok(first);
    };
    let room = stated.unwrap_or(FIRST_ROOM).max(first.len() + second.len());
    let mut body = Vec::with_capacity(room.min(limit));
    body.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(part) = next {
        if part.len() > limit - body.len() {
            return Err(too_large());
        }
        body.extend_from_slice(&part);
        next = chunk(response).await?;
    }
    Ok(body.into())
}

async fn chunk(response: &mut Response) -> Result<Option<Bytes>, Error> {
    let status = response.status().as_u16();
    response
        .chunk()
        .await
        .map_err(|error| fault::in_body(status, error))
}

/// What a refusal's body says.
pub(super) struct Refusal {
    /// Its words, if it is JSON.
    pub(super) message: Option<ProviderText>,
    /// What it is.
    pub(super) body: Body,
}

/// Reads a refusal's body. A fault in reading it changes nothing: the status is known.
pub(super) async fn refusal(mut response: Response) -> Refusal {
    let status = response.status().as_u16();
    let says_html = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let bytes = collect(&mut response, MAX_REFUSAL)
        .await
        .unwrap_or_default();
    let value = repair::value(&bytes, MAX_REFUSAL).filter(|value| !value.is_null());
    let body = match &value {
        Some(value) if says::is_own(value, status) => Body::Envelope,
        _ if says_html => Body::Page,
        Some(_) => Body::Json,
        None => Body::of(&bytes),
    };
    Refusal {
        message: value.and_then(|value| Words::of(&value).text()),
        body,
    }
}
