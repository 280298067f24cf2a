//! The rules for reusing answers.

use std::{collections::BTreeMap, time::Duration};

/// How long an answer may be reused, by kind and purpose. By default no answer is reused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reuse(BTreeMap<(String, Option<String>), Duration>);

impl Reuse {
    /// Sets how long answers of a kind may be reused: for one purpose, or for all purposes that are not named. A duration of
    /// zero turns reuse off.
    #[must_use]
    pub fn with(mut self, kind: &str, purpose: Option<&str>, window: Duration) -> Self {
        let purpose = purpose.map(ToOwned::to_owned);
        self.0.insert((kind.to_owned(), purpose), window);
        self
    }

    /// Returns how long an answer may be reused; `None` if it may not.
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

    /// Returns the longest duration.
    pub fn longest(&self) -> Duration {
        self.0.values().copied().max().unwrap_or_default()
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
