//! `GET /v1/verifications`: the verifications of a tenant, page by page.

use axum::{Json, extract::State};
use kyc_queue::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    view::View,
    which::{Which, cursor_of, place_after},
};
use crate::{Gateway, caller::Caller, extract::Params, problem::Problem};

/// A page of verifications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page {
    /// The verifications, without what came out.
    verifications: Vec<View>,
    /// The cursor of the next page; `null` at the end. A page can be short, or even empty, before the end.
    next: Option<String>,
}

/// Lists verifications
///
/// Those that have ended come newest first. A verification is listed once a worker has accepted it. While a place changes, a
/// verification that moves can appear in two pages, or in none.
#[utoipa::path(
    get, path = "/v1/verifications", tag = "verifications", params(Which),
    responses(
        (status = 200, description = "a page", body = Page),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page>, Problem> {
    let tenant = caller.tenant(&[Role::Read, Role::Reveal])?;
    let limit = which.limit()?;
    let places = which.places()?;
    let (mut place, mut cursor) = which.start(&places)?;
    let mut filter = which.filter(tenant, place)?;
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let mut verifications = Vec::new();
    loop {
        filter.place = place;
        let left = limit - verifications.len();
        let page = gateway
            .queue()
            .jobs(&filter, &kinds, cursor.as_deref(), left)
            .await?;
        verifications.extend(page.jobs.into_iter().map(|job| View::of(job, false)));
        let next = match page.next {
            Some(next) => Some((place, Some(next))),
            None => place_after(&places, place).map(|place| (place, None)),
        };
        let Some((next_place, next_cursor)) = next else {
            return Ok(Json(Page {
                verifications,
                next: None,
            }));
        };
        // A search among many goes on with the next page, so that each request is short.
        if verifications.len() == limit || next_cursor.is_some() {
            let next = cursor_of(next_place, next_cursor.as_deref());
            return Ok(Json(Page {
                verifications,
                next: Some(next),
            }));
        }
        (place, cursor) = (next_place, next_cursor);
    }
}
