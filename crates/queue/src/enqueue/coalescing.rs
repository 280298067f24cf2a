//! The coalescing key of a job: jobs with the same key need the same answer.

use kyc_domain::Request;
use serde::{Deserialize, Serialize};

use crate::{Reuse, index::keys::NamedKey, units::millis};

/// The coalescing key of a job whose answer may be reused. The scripts read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coalescing {
    /// Blind index of tenant, purpose, kind, number and everything else that is sent to the provider.
    pub(crate) index: String,
    /// How long the answer may be reused, in milliseconds.
    pub(crate) window: u64,
    /// Whether the job requires a call of its own. Its answer may still be reused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) fresh: bool,
}

impl Coalescing {
    /// Returns `None` if answers of this kind and purpose are not reused.
    pub(crate) fn of(request: &Request, index: &NamedKey, reuse: &Reuse) -> Option<Self> {
        let terms = &request.terms;
        let purpose = terms.purpose.as_deref();
        let window = reuse.window(request.kind, purpose)?;
        let subject = &request.subject;
        let details = subject.details.iter();
        let told = details.map(|(field, value)| (*field, value.expose().as_str()));
        let asked = (
            terms.tenant.as_str(),
            purpose,
            request.kind,
            subject.number.written(),
            told.collect::<Vec<_>>(),
        );
        // As JSON, so that different values have different texts.
        let asked = zeroize::Zeroizing::new(serde_json::to_string(&asked).ok()?);
        Some(Self {
            index: index.index("coalescing", &asked),
            window: millis(window),
            fresh: terms.fresh,
        })
    }
}
