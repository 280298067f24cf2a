//! What a job asks the provider, as a blind index: jobs with one index need one answer.

use kyc_domain::Request;
use kyc_vault::IndexKey;
use serde::{Deserialize, Serialize};

use crate::{Reuse, units::millis};

/// What a job asks, where its answer may be reused. The scripts read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coalescing {
    /// Blind index of tenant, purpose, kind, number and whatever else the provider is told.
    pub(crate) index: String,
    /// For so many milliseconds its answer may be reused.
    pub(crate) window: u64,
    /// It wants a call of its own; its answer may be reused all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) fresh: bool,
}

impl Coalescing {
    /// `None` where answers of this kind and purpose are not reused.
    pub(crate) fn of(request: &Request, index: &IndexKey, reuse: &Reuse) -> Option<Self> {
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
        // As JSON, so that no two of them look alike.
        let asked = zeroize::Zeroizing::new(serde_json::to_string(&asked).ok()?);
        Some(Self {
            index: index.index("coalescing", &asked),
            window: millis(window),
            fresh: terms.fresh,
        })
    }
}
