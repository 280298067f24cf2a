//! The policies of all kinds.

use std::collections::HashMap;

use super::{
    assess::{Assessment, assess},
    policy::MatchPolicy,
};
use crate::{Claims, Record, Request};

/// The policy of each kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchPolicies {
    /// Of a kind that has none of its own.
    pub otherwise: MatchPolicy,
    /// By the name of the kind.
    pub of_kind: HashMap<&'static str, MatchPolicy>,
    /// What was told to the provider, so that it finds the record, is no claim.
    pub ignores_required: bool,
}

impl MatchPolicies {
    /// The kind's own, or what holds for all others.
    pub fn of(&self, kind: &str) -> &MatchPolicy {
        self.of_kind.get(kind).unwrap_or(&self.otherwise)
    }

    /// What is compared with the record of a request: what was claimed, and what was told to the provider.
    pub fn claims(&self, request: &Request) -> Claims {
        if self.ignores_required {
            return request.claims.clone();
        }
        request.claims.with_required(&request.subject)
    }

    /// Holds a request against a record.
    pub fn assess(&self, request: &Request, record: &Record) -> Assessment {
        assess(&self.claims(request), record, self.of(request.kind))
    }
}
