//! The match policies of all kinds.

use std::collections::HashMap;

use super::{
    assess::{Assessment, assess},
    policy::MatchPolicy,
};
use crate::{Claims, Record, Request};

/// The match policy of each kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchPolicies {
    /// The policy of kinds without a policy of their own.
    pub otherwise: MatchPolicy,
    /// The policies of single kinds, by the name of the kind.
    pub of_kind: HashMap<&'static str, MatchPolicy>,
    /// Whether details that the provider requires, such as a name to find the record, are not compared.
    pub ignores_required: bool,
}

impl MatchPolicies {
    /// Returns the policy of a kind.
    pub fn of(&self, kind: &str) -> &MatchPolicy {
        self.of_kind.get(kind).unwrap_or(&self.otherwise)
    }

    /// Returns the claims of a request, with the details that were sent to the provider unless they are ignored.
    pub fn claims(&self, request: &Request) -> Claims {
        if self.ignores_required {
            return request.claims.clone();
        }
        request.claims.with_required(&request.subject)
    }

    /// Compares a request with a record.
    pub fn assess(&self, request: &Request, record: &Record) -> Assessment {
        assess(&self.claims(request), record, self.of(request.kind))
    }
}
