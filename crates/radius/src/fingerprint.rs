//! Identifies a body without storing it.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// The first eight bytes of a body's SHA-256, printed as 16 hex digits.
///
/// Equal bodies have equal fingerprints. A fingerprint shows that a fault recurs; a body cannot be restored from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Returns the fingerprint of `body`.
    pub fn of(body: &[u8]) -> Self {
        let hash = digest(&SHA256, body);
        let first = hash.as_ref().iter().take(8);
        Self(first.fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hash() {
        // FIPS 180-2, appendix B.1: SHA-256 of "abc" starts with ba7816bf8f01cfea.
        assert_eq!(Fingerprint::of(b"abc").to_string(), "ba7816bf8f01cfea");
        assert_eq!(
            format!("{:?}", Fingerprint::of(b"abc")),
            "Fingerprint(ba7816bf8f01cfea)"
        );
    }
}
