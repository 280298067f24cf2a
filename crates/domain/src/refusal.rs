//! Why a request is refused: which field, what is wrong with it, and how to correct it.
//!
//! A refusal never contains the value that it refuses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The field, with the object that contains it: `claims.date_of_birth`.
    pub field: String,
    /// What is wrong, without the value.
    pub problem: String,
    /// How to correct it.
    pub remedy: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.field, self.problem, self.remedy)
    }
}

/// The faults for which a request is refused. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Collects the faults of a request; there is at least one.
    pub(crate) fn new(refusals: Vec<Refusal>) -> Self {
        debug_assert!(
            !refusals.is_empty(),
            "a refused request has at least one fault"
        );
        Self(refusals)
    }

    /// Returns an error if there are faults.
    pub fn check(refusals: Vec<Refusal>) -> Result<(), Self> {
        if refusals.is_empty() {
            return Ok(());
        }
        Err(Self(refusals))
    }

    /// Creates a single fault.
    pub fn one(field: &str, problem: &str, remedy: &str) -> Self {
        Self(vec![Refusal {
            field: field.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }])
    }

    /// Iterates over the faults, in the order in which the fields were read.
    pub fn iter(&self) -> impl Iterator<Item = &Refusal> {
        self.0.iter()
    }

    /// Returns the first fault.
    pub fn first(&self) -> &Refusal {
        self.0
            .first()
            .expect("a `Refusals` is created with at least one fault")
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, refusal) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; also: " };
            write!(f, "{separator}{refusal}")?;
        }
        Ok(())
    }
}

/// A fault of one value, without the field that contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, without the value.
    pub problem: String,
    /// How to correct it.
    pub remedy: String,
}

impl Fault {
    /// Creates a fault from both halves of its sentence.
    pub fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}
