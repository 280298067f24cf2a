//! `GET /v1/verifications/{id}/images/{name}`: an image of the record.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kyc_blobs::ReadImageError;
use kyc_queue::Role;

use super::find::{Found, find, id};
use crate::{
    Gateway,
    caller::Caller,
    extract::Segments,
    problem::{Kind, Problem},
};

/// Shows an image
///
/// The photo or the signature of the record, opened. Needs an API key with the role `reveal`, and a server with keys.
#[utoipa::path(
    get, path = "/v1/verifications/{id}/images/{name}", tag = "verifications",
    params(("id" = String, Path, description = "the id of the verification"), ("name" = String, Path, description = "`photo` or `signature`")),
    responses(
        (status = 200, description = "the image", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
        (status = 501, description = "`urn:kyc:problem:no-keys`: this server has no keys to show personal data"),
    ),
)]
pub(crate) async fn image(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segments(segments): Segments<2>,
) -> Result<Response, Problem> {
    let [text, name] = segments;
    let tenant = caller.tenant(&[Role::Reveal])?;
    let id = id(&text)?;
    let Found::Accepted(known) = find(&gateway, tenant, id).await? else {
        return Err(no_image());
    };
    if !gateway.queue().vault().can_open() {
        return Err(Problem::new(
            Kind::NO_KEYS,
            "this server has no keys that open images",
            "ask a server that has, or set keys_file for this one",
        ));
    }
    let images = known
        .outcome
        .map(|outcome| outcome.images)
        .unwrap_or_default();
    let image = images.into_iter().find(|image| image.name == name);
    let image = image.ok_or_else(no_image)?;
    // Of the same job that was looked at: a cached one has its own.
    let key = gateway.queue().data_key(known.id).await?;
    let key = key.ok_or_else(Problem::no_verification)?;
    let opened = gateway
        .blobs()
        .open_image(&key, &image.name, &image.key)
        .await;
    let opened = opened.map_err(|error| match error {
        ReadImageError::NotFound { .. } => no_image(),
        error => {
            tracing::warn!(%error, "Could not open an image");
            Problem {
                detail: "the image cannot be read at the moment".into(),
                ..Problem::unavailable()
            }
        }
    })?;
    if kyc_blobs::sha256(&opened.bytes) != image.sha256 {
        return Err(Problem::internal(
            "the stored image is not the one of the outcome",
        ));
    }
    let mut response = Body::from(opened.bytes.to_vec()).into_response();
    let media_type = HeaderValue::from_str(&image.media_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}

fn no_image() -> Problem {
    Problem::new(
        Kind::NOT_FOUND,
        "the verification has no such image",
        "read the names of its images from the verification",
    )
}
