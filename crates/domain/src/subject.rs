//! Whom, or what, a verification is about.

use std::collections::BTreeMap;

use crate::{Number, Sensitive};

/// What is asked about: the number, and whatever the provider requires beside it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The field of a request that holds the number.
    pub field: &'static str,
    /// The number, normalised.
    pub number: Number,
    /// What the provider requires beside it, by the field's name.
    pub details: BTreeMap<&'static str, Sensitive<String>>,
}

impl Subject {
    /// A subject that is known by its number alone.
    pub fn new(field: &'static str, number: Number) -> Self {
        Self {
            field,
            number,
            details: BTreeMap::new(),
        }
    }

    /// Adds a required detail.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: Sensitive<String>) -> Self {
        self.details.insert(field, value);
        self
    }

    /// A required detail; empty where the kind requires none of that name.
    pub fn detail(&self, field: &str) -> &str {
        self.details.get(field).map_or("", |value| value.expose())
    }
}
