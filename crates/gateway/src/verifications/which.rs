//! Which verifications a list shows: filters, and the place at which a page starts.

use jiff::Timestamp;
use kyc_queue::{Filter, Place};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{Kind, Problem};

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

impl Which {
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        limit(self.limit.as_deref())
    }

    pub(super) fn places(&self) -> Result<Vec<Place>, Problem> {
        places(self.state.as_deref())
    }

    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    pub(super) fn filters<'a>(&'a self, tenant: &'a str) -> Filters<'a> {
        Filters {
            tenant: Some(tenant),
            code: None,
            kind: self.kind.as_deref(),
            reference: self.reference.as_deref(),
            verdict: self.verdict.as_deref(),
            since: self.since.as_deref(),
            until: self.until.as_deref(),
        }
    }
}

/// What verifications are chosen by, as it was written.
#[derive(Clone, Copy)]
pub(crate) struct Filters<'a> {
    pub(crate) tenant: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) reference: Option<&'a str>,
    pub(crate) verdict: Option<&'a str>,
    pub(crate) since: Option<&'a str>,
    pub(crate) until: Option<&'a str>,
}

impl Filters<'_> {
    /// Returns the filter for a place.
    pub(crate) fn of(&self, place: Place) -> Result<Filter, Problem> {
        let own = |text: Option<&str>| text.map(ToOwned::to_owned);
        Ok(Filter {
            kind: self.kind.map(kind).transpose()?,
            tenant: own(self.tenant),
            code: own(self.code),
            reference: own(self.reference),
            verdict: own(self.verdict),
            since: time("since", self.since)?,
            until: time("until", self.until)?,
            ..Filter::all(place)
        })
    }
}

/// Returns how many verifications a page has at most.
pub(crate) fn limit(text: Option<&str>) -> Result<usize, Problem> {
    let Some(text) = text else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit = text.parse().ok();
    limit
        .filter(|limit| (1..=MOST).contains(limit))
        .ok_or_else(|| {
            invalid(
                "limit is not a number from 1 to 200",
                "leave it out, or write limit=50",
            )
        })
}

/// Returns the place of this name, or all of them.
pub(crate) fn places(state: Option<&str>) -> Result<Vec<Place>, Problem> {
    match state {
        None => Ok(Place::ALL.to_vec()),
        Some(state) => place(state).map(|place| vec![place]),
    }
}

/// Returns where a page starts: a place, and the cursor within it.
pub(crate) fn start(
    cursor: Option<&str>,
    places: &[Place],
) -> Result<(Place, Option<String>), Problem> {
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
    if within.is_empty() {
        return Ok((place, None));
    }
    let within = within.replace('~', "+");
    if !place.takes(&within) {
        return Err(wrong());
    }
    Ok((place, Some(within)))
}

/// Returns the cursor for a place and the cursor within it. It needs no escapes in a query, where `+` is a blank.
pub(super) fn cursor_of(place: Place, within: Option<&str>) -> String {
    let within = within.unwrap_or_default().replace('+', "~");
    format!("{}.{within}", place.as_str())
}

/// Returns the place that is listed after this one.
pub(super) fn place_after(places: &[Place], place: Place) -> Option<Place> {
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

pub(crate) fn invalid(detail: &str, remedy: &str) -> Problem {
    Problem::new(Kind::INVALID_REQUEST, detail, remedy)
}
