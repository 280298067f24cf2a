//! `GET /v1/verifications`: the verifications of a tenant, page by page.

use axum::{Json, extract::State};
use kyc_queue::{Filter, Place, Role, Verification};
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
    if cursor.is_none()
        && let Some(page) = by_reference(gateway, &filter, places, limit).await?
    {
        return Ok(page);
    }
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

/// Finds the verifications with a reference by its index, if they fit in one page. A server without keys that open cannot know the index.
async fn by_reference(
    gateway: &Gateway,
    filter: &Filter,
    places: &[Place],
    limit: usize,
) -> Result<Option<Page>, Problem> {
    let queue = gateway.queue();
    let (Some(tenant), Some(reference)) = (&filter.tenant, &filter.reference) else {
        return Ok(None);
    };
    if !queue.vault().can_open() {
        return Ok(None);
    }
    let known = queue
        .find_by_reference(tenant, reference, limit + 1)
        .await?;
    if known.len() > limit {
        return Ok(None);
    }
    let is_wanted = |job: &Verification| {
        filter.lets_through(job) && places.iter().any(|place| place.holds(job))
    };
    let wanted = known.into_iter().filter(is_wanted);
    Ok(Some(Page {
        verifications: wanted.map(|job| View::of(job, false)).collect(),
        next: None,
    }))
}
