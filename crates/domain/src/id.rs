//! The id of a verification: 26 characters, sortable by time, safe in a path and in a URL.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// A ULID: 48 bits of time in milliseconds and 80 random bits, written as 26 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VerificationId(Ulid);

impl VerificationId {
    /// Generates a new id. Ids of the same millisecond differ in their 80 random bits.
    pub fn generate() -> Self {
        Self(Ulid::generate())
    }

    /// Returns when the id was generated, in milliseconds since 1970, by the clock of the generating machine.
    pub fn made_at_ms(self) -> u64 {
        self.0.timestamp_ms()
    }
}

/// The error for a text that is not the id of a verification.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a verification id: expected 26 letters and digits like 01J9ZQ3V5T8Y6K2M4N7P0R1S2T")]
pub struct NotAnId;

impl FromStr for VerificationId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Ulid::from_string(&text.trim().to_ascii_uppercase())
            .map(Self)
            .map_err(|_| NotAnId)
    }
}

impl fmt::Display for VerificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for VerificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let id = VerificationId::generate();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_lowercase().parse(), Ok(id));
        assert_eq!("22212345356".parse::<VerificationId>(), Err(NotAnId));
    }
}
