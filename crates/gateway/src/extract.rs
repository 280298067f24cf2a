//! Parts of a request, whose faults are problems like all others.

use std::time::Duration;

use axum::{
    body::{Body as HttpBody, HttpBody as _},
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{header, request::Parts},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::{Kind, Problem};

/// The largest body of JSON. No job is that large.
const LARGEST: usize = 64 << 10;
/// How long a body may take to arrive.
const LONGEST: Duration = Duration::from_secs(20);

/// A body of JSON, as bytes.
pub(crate) struct Body(pub(crate) Bytes);

impl<S: Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        let is_json = media_type
            .and_then(|text| text.to_str().ok())
            .is_some_and(|text| {
                let essence = text.split(';').next().unwrap_or_default().trim();
                essence.eq_ignore_ascii_case("application/json")
            });
        if !is_json {
            return Err(Problem::new(
                Kind::UNSUPPORTED_MEDIA_TYPE,
                "the body is not marked as JSON",
                "send: Content-Type: application/json",
            ));
        }
        if request.headers().contains_key(header::CONTENT_ENCODING) {
            return Err(Problem::new(
                Kind::UNSUPPORTED_MEDIA_TYPE,
                "the body is compressed",
                "send it without Content-Encoding",
            ));
        }
        read(request.into_body()).await.map(Self)
    }
}

async fn read(body: HttpBody) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(
            Kind::TOO_LARGE,
            "the body is larger than 64 KiB",
            "send one job, without images",
        )
    };
    // What is announced as too large is not read, and a client that waits for `100 Continue` does not send it.
    if body.size_hint().lower() > LARGEST as u64 {
        return Err(too_large());
    }
    let reading = Limited::new(body, LARGEST).collect();
    match tokio::time::timeout(LONGEST, reading).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(
            Kind::INVALID_REQUEST,
            "the body broke off",
            "send the request again",
        )),
        Err(_) => Err(Problem::new(
            Kind::TOO_SLOW,
            "the body did not arrive within 20 s",
            "send the request again",
        )),
    }
}

/// The only variable segment of a path.
pub(crate) struct Segment(pub(crate) String);

/// All variable segments of a path, in their order.
pub(crate) struct Segments<const N: usize>(pub(crate) [String; N]);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Segments([one]) = Segments::<1>::from_request_parts(parts, state).await?;
        Ok(Self(one))
    }
}

impl<S: Send + Sync, const N: usize> FromRequestParts<S> for Segments<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What is no UTF-8 names nothing.
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|_| Problem::no_verification())?;
        let values: Vec<String> = parameters
            .iter()
            .map(|(_, value)| value.to_owned())
            .collect();
        let values = values.try_into();
        values.map(Self).map_err(|_| Problem::no_verification())
    }
}

/// The parameters of a query. Unknown ones are refused by name.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(query) = query.map_err(|rejection| {
            // The text names the parameter; it holds no value of it, since all of them are texts.
            let why = rejection.body_text();
            let why = why.rsplit(": ").next().unwrap_or_default();
            Problem::new(
                Kind::INVALID_REQUEST,
                format!("the query cannot be read: {why}"),
                "see the parameters of this address at /openapi.json",
            )
        })?;
        Ok(Self(query))
    }
}
