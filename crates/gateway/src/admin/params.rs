//! The parameters of the routes.

use kyc_domain::Tenant;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    problem::Problem,
    verifications::which::{Filters, invalid, limit},
};

/// How far back events are counted without the parameter, and at most: two days.
const MINUTES: u32 = 60;
const MOST_MINUTES: u32 = 2880;

/// Which verifications to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Those of this tenant.
    pub(super) tenant: Option<String>,
    /// Those of this kind.
    pub(super) kind: Option<String>,
    /// Those in this place: `waiting` (in a ready queue), `scheduled`, `needs_decision`, `running`, `completed`, `dead` or `cancelled`.
    /// Without it, all places are listed, one after another.
    pub(super) state: Option<String>,
    /// Those whose last failure had this code, such as `http_500`.
    pub(super) code: Option<String>,
    /// Those with this reference.
    pub(super) reference: Option<String>,
    /// Those with this verdict.
    pub(super) verdict: Option<String>,
    /// Accepted at this time or later.
    #[param(format = DateTime)]
    pub(super) since: Option<String>,
    /// Accepted before this time.
    #[param(format = DateTime)]
    pub(super) until: Option<String>,
    /// The `next` of the page before.
    pub(super) cursor: Option<String>,
    /// The most verifications of a page: 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<String>,
}

impl Which {
    pub(super) fn filters(&self) -> Result<Filters<'_>, Problem> {
        Ok(Filters {
            tenant: tenant(self.tenant.as_deref())?,
            code: code(self.code.as_deref())?,
            kind: self.kind.as_deref(),
            reference: self.reference.as_deref(),
            verdict: self.verdict.as_deref(),
            since: self.since.as_deref(),
            until: self.until.as_deref(),
        })
    }
}

/// How many to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Most {
    /// The most entries: 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<String>,
}

impl Most {
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        limit(self.limit.as_deref())
    }
}

/// How far back events are counted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// How far back `happened` goes, in minutes: 1 to 2880; 60 without it.
    #[param(minimum = 1, maximum = 2880)]
    minutes: Option<String>,
}

impl Since {
    pub(super) fn minutes(&self) -> Result<u32, Problem> {
        let Some(text) = &self.minutes else {
            return Ok(MINUTES);
        };
        let minutes = text.parse().ok();
        minutes
            .filter(|minutes| (1..=MOST_MINUTES).contains(minutes))
            .ok_or_else(|| {
                invalid(
                    "minutes is not a number from 1 to 2880",
                    "leave it out, or write minutes=60",
                )
            })
    }
}

/// Checks the name of a tenant.
pub(super) fn tenant(text: Option<&str>) -> Result<Option<&str>, Problem> {
    if let Some(Err(fault)) = text.map(Tenant::parse) {
        return Err(invalid(&format!("tenant {}", fault.problem), &fault.remedy));
    }
    Ok(text)
}

/// Checks the form of a code.
pub(super) fn code(text: Option<&str>) -> Result<Option<&str>, Problem> {
    let of_a_code = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if text.is_some_and(|code| !code.bytes().all(of_a_code)) {
        return Err(invalid(
            "code is not a code",
            "write it as verifications show it, like wallet_empty",
        ));
    }
    Ok(text)
}
