//! The parameters of the routes.

use kyc_batch::Defaults;
use kyc_domain::{Priority, Refusals, VerificationId, terms::label};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{Kind, Problem};

/// How a file is taken.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// The kind of rows that do not name theirs.
    kind: Option<String>,
    /// The priority of rows that do not name theirs: `high`, `normal` or `low`.
    priority: Option<String>,
    /// What people call the batch, such as the name of the file: at most 128 characters. It is stored in plain text.
    #[param(max_length = 128)]
    name: Option<String>,
    /// `true`: submits nothing, and tells what the file would do and cost.
    dry_run: Option<String>,
}

impl How {
    /// Returns what rows have that do not say it themselves.
    pub(super) fn defaults(&self) -> Result<Defaults, Problem> {
        let wrong = |refusals: &Refusals| {
            Problem::new(
                Kind::INVALID_REQUEST,
                refusals.to_string(),
                refusals.first().remedy.clone(),
            )
        };
        let kind = self.kind.as_deref().map(|name| {
            kyc_kinds::find(name).ok_or_else(|| {
                let known: Vec<&str> = kyc_kinds::names().collect();
                wrong(&Refusals::one(
                    "kind",
                    "is not known",
                    &format!("write one of: {}", known.join(", ")),
                ))
            })
        });
        let priority = self.priority.as_deref().map(|text| {
            Priority::parse(text)
                .map_err(|fault| wrong(&Refusals::one("priority", &fault.problem, &fault.remedy)))
        });
        Ok(Defaults {
            kind: kind.transpose()?,
            priority: priority.transpose()?,
        })
    }

    /// Returns what people call the batch; an empty text without a name.
    pub(super) fn name(&self) -> Result<&str, Problem> {
        let name = self.name.as_deref().unwrap_or_default();
        label(name, 128).map_err(|fault| {
            Problem::new(
                Kind::INVALID_REQUEST,
                format!("name {}", fault.problem),
                fault.remedy,
            )
        })?;
        Ok(name)
    }

    /// Returns whether nothing is submitted.
    pub(super) fn is_dry_run(&self) -> Result<bool, Problem> {
        match self.dry_run.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::new(
                Kind::INVALID_REQUEST,
                "dry_run is not true or false",
                "write dry_run=true, or leave it out",
            )),
        }
    }
}

/// Which batches to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Start {
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl Start {
    /// Returns the batch after which the page starts.
    pub(super) fn after(&self) -> Result<Option<VerificationId>, Problem> {
        let after = self.cursor.as_deref().map(str::parse).transpose();
        after.map_err(|_| {
            Problem::new(
                Kind::INVALID_REQUEST,
                "cursor is not one of this list",
                "use the next of the page before",
            )
        })
    }
}
