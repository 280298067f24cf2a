//! Reads the body of an answer into memory, up to a limit.

use bytes::Bytes;
use reqwest::{Response, header::CONTENT_TYPE};

use super::fault;
use crate::words::Words;
use crate::{Body, Error, ProviderText, repair, says};

/// The first capacity for a body of unknown length, in bytes. Small bodies fit; for large ones it is doubled a few times.
const FIRST_ROOM: usize = 32 << 10;
/// The largest body of a refusal that is read for its message, in bytes.
const MAX_REFUSAL: usize = 64 << 10;

/// Reads the decoded body, of at most `limit` bytes.
///
/// The limit applies to the output of the decoder while it is read: a compressed body that decodes to more is abandoned on
/// the way. A body whose stated length exceeds the limit is not read at all.
pub(super) async fn collect(response: &mut Response, limit: usize) -> Result<Bytes, Error> {
    let status = response.status().as_u16();
    let too_large = || Error::TooLarge { status, limit };
    // `None` for a compressed body, whose stated length is not its decoded length.
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

/// The content of a refusal's body.
pub(super) struct Refusal {
    /// Its message, if it is JSON that has one.
    pub(super) message: Option<ProviderText>,
    /// Its type.
    pub(super) body: Body,
}

/// Reads a refusal's body. An error in reading it is ignored, since the status is known.
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
