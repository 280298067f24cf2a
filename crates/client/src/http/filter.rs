//! Which verifications a list shows.

use jiff::Timestamp;

/// Which verifications to list: those to which all of it applies.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pairs: Vec<(&'static str, String)>,
}

impl Filter {
    /// All verifications of the tenant.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those with this reference.
    #[must_use]
    pub fn reference(self, reference: &str) -> Self {
        self.with("reference", reference)
    }

    /// Those of this kind.
    #[must_use]
    pub fn kind(self, kind: &str) -> Self {
        self.with("kind", kind)
    }

    /// Those in this place: `waiting`, `scheduled`, `needs_decision`, `running`, `completed`, `dead` or `cancelled`.
    #[must_use]
    pub fn state(self, place: &str) -> Self {
        self.with("state", place)
    }

    /// Those with this verdict.
    #[must_use]
    pub fn verdict(self, verdict: &str) -> Self {
        self.with("verdict", verdict)
    }

    /// Accepted at this time or later.
    #[must_use]
    pub fn since(self, at: Timestamp) -> Self {
        self.with("since", at.to_string())
    }

    /// Accepted before this time.
    #[must_use]
    pub fn until(self, at: Timestamp) -> Self {
        self.with("until", at.to_string())
    }

    /// The most verifications of a page: 1 to 200.
    #[must_use]
    pub fn limit(self, limit: u8) -> Self {
        self.with("limit", limit.to_string())
    }

    /// Goes on after a page: its `next`.
    #[must_use]
    pub fn cursor(self, next: &str) -> Self {
        self.with("cursor", next)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.pairs.retain(|(known, _)| *known != name);
        self.pairs.push((name, value.into()));
        self
    }

    pub(super) fn pairs(&self) -> &[(&'static str, String)] {
        &self.pairs
    }
}
