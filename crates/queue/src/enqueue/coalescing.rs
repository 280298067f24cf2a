//! What a job asks the provider, as a blind index: jobs with one index need one answer.

use std::{collections::BTreeMap, time::Duration};

use kyc_domain::Request;
use serde::{Deserialize, Serialize};

use crate::{Queue, worker::state::millis};

/// How long an answer may be reused, by kind and purpose. Nothing is reused where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reuse(BTreeMap<(String, Option<String>), Duration>);

impl Reuse {
    /// Lets answers of a kind be reused for this long: for one purpose, or for each that is not named itself. No time at
    /// all turns it off there.
    #[must_use]
    pub fn with(mut self, kind: &str, purpose: Option<&str>, window: Duration) -> Self {
        let purpose = purpose.map(ToOwned::to_owned);
        self.0.insert((kind.to_owned(), purpose), window);
        self
    }

    /// How long an answer may be reused; `None` where it may not.
    pub fn window(&self, kind: &str, purpose: Option<&str>) -> Option<Duration> {
        let of = |purpose: Option<&str>| {
            self.0
                .get(&(kind.to_owned(), purpose.map(ToOwned::to_owned)))
        };
        let window = purpose
            .and_then(|purpose| of(Some(purpose)))
            .or_else(|| of(None));
        window.copied().filter(|window| !window.is_zero())
    }

    /// The longest of all times.
    pub fn longest(&self) -> Duration {
        self.0.values().copied().max().unwrap_or_default()
    }
}

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
    pub(crate) fn of(request: &Request, queue: &Queue) -> Option<Self> {
        let terms = &request.terms;
        let purpose = terms.purpose.as_deref();
        let window = queue.config().reuse.window(request.kind, purpose)?;
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
            index: queue.index().index("coalescing", &asked),
            window: millis(window),
            fresh: terms.fresh,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_that_is_named_goes_before_its_kind() {
        let hour = Duration::from_secs(3600);
        let reuse = Reuse::default()
            .with("bvn", None, hour)
            .with("bvn", Some("loan"), hour * 2)
            .with("bvn", Some("card"), Duration::ZERO)
            .with("nin", Some("loan"), hour);
        for (kind, purpose, window) in [
            ("bvn", None, Some(hour)),
            ("bvn", Some("wallet"), Some(hour)),
            ("bvn", Some("loan"), Some(hour * 2)),
            ("bvn", Some("card"), None),
            ("nin", None, None),
            ("nin", Some("loan"), Some(hour)),
            ("cac", None, None),
        ] {
            assert_eq!(reuse.window(kind, purpose), window, "{kind} {purpose:?}");
        }
        assert_eq!(reuse.longest(), hour * 2);
    }
}
