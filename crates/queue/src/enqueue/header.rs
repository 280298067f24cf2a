//! The header of a job: a JSON field of its hash, which the scripts and this crate read without opening the job.

use kyc_domain::Request;
use kyc_vault::Owner;
use serde::{Deserialize, Serialize};

use crate::{Reuse, enqueue::coalescing::Coalescing, index::keys::NamedKey};

/// The header of a job. It has no personal data: the number is masked, and keys are blind indexes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) kind: String,
    pub(crate) tenant: String,
    pub(crate) priority: String,
    /// The producer's own id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reference: String,
    /// The number to verify, masked.
    pub(crate) number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_attempts: Option<u32>,
    /// The time of acceptance, in milliseconds since 1970. The script writes it.
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
    /// The coalescing key, if answers are reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coalescing: Option<Coalescing>,
}

impl Header {
    /// Returns the header of a request, with blind indexes made by `index`.
    pub(crate) fn of(request: &Request, index: &NamedKey, reuse: &Reuse) -> Self {
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

    /// Returns the owner of the sealed parts of the job `id`.
    pub(crate) fn owner<'a>(&'a self, id: &'a str) -> Owner<'a> {
        Owner {
            tenant: &self.tenant,
            kind: &self.kind,
            verification: id,
        }
    }

    /// Returns the name of the part in which the outcome is sealed. The name contains the coalescing key, so the outcome opens
    /// only for jobs with the same key.
    pub(crate) fn outcome_part(&self) -> String {
        match &self.coalescing {
            Some(coalescing) => format!("outcome {}", coalescing.index),
            None => "outcome".to_owned(),
        }
    }
}

/// Returns the index of an idempotency key. The name of a tenant has no blank, so two pairs have different texts.
pub(crate) fn idempotency_index(index: &NamedKey, tenant: &str, key: &str) -> String {
    index.index("idempotency", &format!("{tenant} {key}"))
}

/// Returns the index by which the jobs of a reference are found.
pub(crate) fn reference_index(index: &NamedKey, tenant: &str, reference: &str) -> String {
    index.index("reference", &format!("{tenant} {reference}"))
}

/// Returns a value as JSON text. Headers and progress always have one: they are plain structs of text and numbers.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
