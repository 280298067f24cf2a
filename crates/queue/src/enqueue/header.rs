//! What stands on a job without opening it: a JSON field of its hash that both the scripts and this crate read.

use kyc_domain::Request;
use kyc_vault::{IndexKey, Owner};
use serde::{Deserialize, Serialize};

use crate::{Reuse, enqueue::coalescing::Coalescing};

/// What stands on a sealed job. Holds no person's data: the number is masked, the keys are indexes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) kind: String,
    pub(crate) tenant: String,
    pub(crate) priority: String,
    /// The caller's own id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reference: String,
    /// The number that is held for a decision, masked.
    pub(crate) number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_attempts: Option<u32>,
    /// When it was accepted, in milliseconds since 1970. The script writes it.
    #[serde(default, skip_serializing)]
    pub(crate) enqueued: i64,
    /// Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<i64>,
    /// Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) not_before: Option<i64>,
    /// Blind index of tenant and idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) idempotency: Option<String>,
    /// Blind index of tenant and reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference_index: Option<String>,
    /// What it asks, where answers are reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coalescing: Option<Coalescing>,
}

impl Header {
    /// The header of a request. The indexes are made with `index`.
    pub(crate) fn of(request: &Request, index: &IndexKey, reuse: &Reuse) -> Self {
        let terms = &request.terms;
        let tenant = terms.tenant.as_str();
        let key = terms.idempotency_key.as_ref();
        let reference = terms.reference.clone().unwrap_or_default();
        Self {
            kind: request.kind.to_owned(),
            tenant: tenant.to_owned(),
            priority: terms.priority.as_str().to_owned(),
            reference_index: (!reference.is_empty())
                .then(|| reference_index(index, tenant, &reference)),
            reference,
            number: request.subject.number.masked(),
            max_attempts: terms.max_attempts,
            enqueued: 0,
            deadline: terms.deadline.map(jiff::Timestamp::as_millisecond),
            not_before: terms.not_before.map(jiff::Timestamp::as_millisecond),
            idempotency: key.map(|key| idempotency_index(index, tenant, key.expose())),
            coalescing: Coalescing::of(request, index, reuse),
        }
    }

    /// Whose the sealed parts of the job `id` are.
    pub(crate) fn owner<'a>(&'a self, id: &'a str) -> Owner<'a> {
        Owner {
            tenant: &self.tenant,
            kind: &self.kind,
            verification: id,
        }
    }

    /// The name of the part in which the outcome is sealed. It has the coalescing key, so that the outcome opens only for
    /// jobs that ask the same.
    pub(crate) fn outcome_part(&self) -> String {
        match &self.coalescing {
            Some(coalescing) => format!("outcome {}", coalescing.index),
            None => "outcome".to_owned(),
        }
    }
}

/// A tenant's name has no blank, so two pairs cannot look alike.
fn idempotency_index(index: &IndexKey, tenant: &str, key: &str) -> String {
    index.index("idempotency", &format!("{tenant} {key}"))
}

/// The key under which the jobs of a reference are found.
pub(crate) fn reference_index(index: &IndexKey, tenant: &str, reference: &str) -> String {
    index.index("reference", &format!("{tenant} {reference}"))
}

/// As JSON text. Headers and progresses cannot fail to be written: they are plain structs of text and numbers.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
