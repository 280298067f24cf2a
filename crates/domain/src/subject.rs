//! The person or company that a verification is about.

use std::collections::BTreeMap;

use crate::{Number, Sensitive};

/// The subject of a verification: its number, and further details that the provider requires.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The field of a request that holds the number.
    pub field: &'static str,
    /// The number, normalised.
    pub number: Number,
    /// Further details that the provider requires, by the name of the field.
    pub details: BTreeMap<&'static str, Sensitive<String>>,
}

impl Subject {
    /// Creates a subject that is identified by its number alone.
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

    /// Returns a required detail, or an empty text if the kind requires no detail of this name.
    pub fn detail(&self, field: &str) -> &str {
        self.details.get(field).map_or("", |value| value.expose())
    }
}
