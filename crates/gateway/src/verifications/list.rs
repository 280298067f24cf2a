//! `GET /v1/verifications`: the verifications of a tenant, page by page.

use axum::{Json, extract::State};
use kyc_queue::{Place, Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    view::View,
    which::{Filters, Which, cursor_of, place_after, start},
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
        (status = "default", description = "a problem", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page>, Problem> {
    let tenant = caller.tenant(&[Role::Read, Role::Reveal])?;
    let places = which.places()?;
    let start = start(which.cursor(), &places)?;
    let page = page(
        &gateway,
        which.filters(tenant),
        &places,
        start,
        which.limit()?,
    );
    page.await.map(Json)
}

/// Returns a page of the verifications in these places.
pub(crate) async fn page(
    gateway: &Gateway,
    filters: Filters<'_>,
    places: &[Place],
    start: (Place, Option<String>),
    limit: usize,
) -> Result<Page, Problem> {
    let (mut place, mut cursor) = start;
    let mut filter = filters.of(place)?;
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
            None => place_after(places, place).map(|place| (place, None)),
        };
        let Some((next_place, next_cursor)) = next else {
            return Ok(Page {
                verifications,
                next: None,
            });
        };
        // A search among many goes on with the next page, so that each request is short.
        if verifications.len() == limit || next_cursor.is_some() {
            let next = cursor_of(next_place, next_cursor.as_deref());
            return Ok(Page {
                verifications,
                next: Some(next),
            });
        }
        (place, cursor) = (next_place, next_cursor);
    }
}
