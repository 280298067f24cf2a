//! `GET /v1/verifications`: the verifications of a tenant, page by page.

use axum::{Json, extract::State};
use jiff::Timestamp;
use kyc_queue::{Filter, Place, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::View;
use crate::{
    Gateway,
    caller::Caller,
    extract::Params,
    problem::{Kind, Problem},
};

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 200;

/// Which verifications to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Those with this reference.
    reference: Option<String>,
    /// Those of this kind.
    kind: Option<String>,
    /// Those in this place: `waiting` (in a ready queue), `scheduled`, `needs_decision`, `running`, `completed`, `dead` or `cancelled`.
    /// Without it, all places are listed, one after another.
    state: Option<String>,
    /// Those with this verdict.
    verdict: Option<String>,
    /// Accepted at this time or later.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Accepted before this time.
    #[param(format = DateTime)]
    until: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// The most verifications of a page: 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<String>,
}

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
    get, path = "/v1/verifications", tag = "verifications", params(self::Which),
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
    let limit = match &which.limit {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| {
                invalid(
                    "limit is not a number from 1 to 200",
                    "leave it out, or write limit=50",
                )
            })?,
    };
    let places = match &which.state {
        None => Place::ALL.to_vec(),
        Some(state) => vec![place(state)?],
    };
    let (mut place, mut cursor) = start(&places, which.cursor.as_deref())?;
    let mut filter = Filter {
        kind: which.kind.as_deref().map(kind).transpose()?,
        tenant: Some(tenant.to_owned()),
        reference: which.reference,
        verdict: which.verdict,
        since: time("since", which.since.as_deref())?,
        until: time("until", which.until.as_deref())?,
        ..Filter::all(place)
    };
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
            None => after(&places, place).map(|place| (place, None)),
        };
        let Some((next_place, next_cursor)) = next else {
            return Ok(Json(Page {
                verifications,
                next: None,
            }));
        };
        // A search among many goes on with the next page, so that each request is short.
        if verifications.len() == limit || next_cursor.is_some() {
            let next = format!(
                "{}.{}",
                next_place.as_str(),
                next_cursor.unwrap_or_default()
            );
            return Ok(Json(Page {
                verifications,
                next: Some(next),
            }));
        }
        (place, cursor) = (next_place, next_cursor);
    }
}

/// Returns where a page starts: a place, and the cursor within it.
fn start(places: &[Place], cursor: Option<&str>) -> Result<(Place, Option<String>), Problem> {
    let wrong = || {
        invalid(
            "cursor is not one of this list",
            "use the next of the page before, with the same filters",
        )
    };
    let Some(cursor) = cursor else {
        return places.first().map(|place| (*place, None)).ok_or_else(wrong);
    };
    let (name, within) = cursor.split_once('.').ok_or_else(wrong)?;
    let place = places.iter().find(|place| place.as_str() == name);
    let place = *place.ok_or_else(wrong)?;
    if !within.is_empty() && !place.takes(within) {
        return Err(wrong());
    }
    Ok((place, (!within.is_empty()).then(|| within.to_owned())))
}

fn after(places: &[Place], place: Place) -> Option<Place> {
    places
        .iter()
        .copied()
        .skip_while(|known| *known != place)
        .nth(1)
}

fn place(text: &str) -> Result<Place, Problem> {
    let known = Place::ALL.into_iter().find(|place| place.as_str() == text);
    known.ok_or_else(|| {
        invalid(
            "state is not a place of verifications",
            "write waiting, scheduled, needs_decision, running, completed, dead or cancelled",
        )
    })
}

fn kind(text: &str) -> Result<String, Problem> {
    let known = kyc_kinds::find(text).map(|kind| kind.name.to_owned());
    known.ok_or_else(|| {
        let names: Vec<&str> = kyc_kinds::names().collect();
        invalid(
            "kind is not known",
            &format!("write one of: {}", names.join(", ")),
        )
    })
}

fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        let wrong = || {
            invalid(
                &format!("{name} is not a time"),
                "write it like 2026-01-31T14:30:00Z",
            )
        };
        text.parse().map_err(|_| wrong())
    };
    text.map(read).transpose()
}

fn invalid(detail: &str, remedy: &str) -> Problem {
    Problem::new(Kind::INVALID_REQUEST, detail, remedy)
}
