//! What `kyc assess` shows of one comparison, with everything personal masked.

use kyc_domain::{Claims, Reason, Record, matching::Assessment};
use kyc_kinds::Kind;
use serde::Serialize;

use super::record::Parsed;
use crate::commands::explain::{Compared, Shown, compared};

/// An assessment that belongs to no verification, with everything personal masked.
#[derive(Serialize)]
pub(crate) struct Assessed<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) verdict: &'a str,
    pub(crate) sentence: &'a str,
    pub(crate) compared: Vec<Compared<'a>>,
    pub(crate) reasons: &'a [Reason],
}

/// What was compared with the record.
#[derive(Serialize)]
pub(crate) struct Asked<'a> {
    pub(crate) kind: &'a str,
    pub(crate) title: &'a str,
    pub(crate) claimed: Vec<Shown>,
}

impl<'a> Assessed<'a> {
    pub(super) fn new(
        kind: &'a Kind,
        claims: &Claims,
        assessment: &'a Assessment,
        said: &Parsed,
    ) -> Self {
        let record: Option<&Record> = match said {
            Parsed::Record(record) => Some(record),
            Parsed::NotFound | Parsed::Rejected => None,
        };
        Self {
            asked: Asked {
                kind: kind.name,
                title: kind.title,
                claimed: claims.iter().map(Shown::of).collect(),
            },
            verdict: assessment.verdict.as_str(),
            sentence: assessment.verdict.sentence(),
            compared: compared(&assessment.checks, Some(claims), record),
            reasons: &assessment.reasons,
        }
    }
}
