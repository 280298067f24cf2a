//! Which verifications a bulk operation is about.

use kyc_queue::{Filter, Place};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::params::{code, tenant};
use crate::{
    operations::Action,
    problem::Problem,
    verifications::which::{Filters, invalid},
};

/// Which verifications are meant, and whether they are counted or handled.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Those in this place. To retry: `dead`, `scheduled`, `needs_decision`; to reread: `dead`; to cancel: `waiting`, `scheduled`,
    /// `needs_decision`, `running`; to discard: `completed`, `dead`, `cancelled`.
    #[param(example = "dead")]
    pub(super) state: String,
    /// Those of this tenant.
    pub(super) tenant: Option<String>,
    /// Those of this kind.
    pub(super) kind: Option<String>,
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
    /// Goes on counting: the `id` of an operation that is `counting`.
    pub(super) count: Option<String>,
    /// Does it: the `token` of the count. Send the same request again until it is `done`.
    pub(super) token: Option<String>,
    /// How long the request works at most: `0s` to `60s`; `5s` without it.
    #[param(example = "5s")]
    pub(super) wait: Option<String>,
}

impl Request {
    pub(super) fn filter(&self, action: &Action) -> Result<Filter, Problem> {
        let place = action
            .places
            .iter()
            .find(|place| place.as_str() == self.state);
        let place = *place.ok_or_else(|| {
            let names: Vec<&str> = action.places.iter().map(|place| place.as_str()).collect();
            let remedy = format!("write one of {}", names.join(", "));
            invalid("state is not a place that this can be done in", &remedy)
        })?;
        let filters = Filters {
            tenant: tenant(self.tenant.as_deref())?,
            code: code(self.code.as_deref())?,
            kind: self.kind.as_deref(),
            reference: self.reference.as_deref(),
            verdict: self.verdict.as_deref(),
            since: self.since.as_deref(),
            until: self.until.as_deref(),
        };
        filters.of(place)
    }
}

/// What is done to which verifications, in one form for equal requests.
pub(super) fn about(action: &Action, filter: &Filter) -> String {
    let Filter {
        place,
        kind,
        tenant,
        code,
        reference,
        verdict,
        since,
        until,
        ..
    } = filter;
    let mut about = json!({ "action": action.name, "state": Place::as_str(*place) });
    let since = since.map(|since| since.to_string());
    let until = until.map(|until| until.to_string());
    let filters = [
        ("tenant", tenant),
        ("kind", kind),
        ("code", code),
        ("reference", reference),
        ("verdict", verdict),
        ("since", &since),
        ("until", &until),
    ];
    for (name, value) in filters {
        if let Some(value) = value {
            about[name] = value.as_str().into();
        }
    }
    about.to_string()
}
