//! Where a reader of ends is: in which stream, and after which entry.

use std::{fmt, str::FromStr};

use kyc_domain::streams;

/// The id of an entry: a time in milliseconds, and a number within it. Redis gives them in rising order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryId(pub(crate) u64, pub(crate) u64);

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for EntryId {
    type Err = NotAPoint;

    fn from_str(text: &str) -> Result<Self, NotAPoint> {
        let (time, number) = text.split_once('-').ok_or(NotAPoint)?;
        let digits = |text: &str| {
            // `parse` alone would take a plus sign, and give one entry several names.
            let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| text.parse().ok()).flatten().ok_or(NotAPoint)
        };
        Ok(Self(digits(time)?, digits(number)?))
    }
}

/// The stream in which a tenant's ends are read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// That of all tenants.
    Shared,
    /// That of this tenant alone.
    Own(String),
}

impl Source {
    /// Returns the name of the stream, without the queue's prefix.
    pub(crate) fn stream(&self) -> String {
        match self {
            Self::Shared => streams::ALL_RESULTS.to_owned(),
            Self::Own(tenant) => streams::results(tenant),
        }
    }
}

/// A position among the ends of a tenant's jobs, as text for the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub(crate) is_own: bool,
    pub(crate) entry: EntryId,
}

/// The error for a text that is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position among the ends of jobs")]
pub struct NotAPoint;

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stream = if self.is_own { 't' } else { 'a' };
        write!(f, "{stream}{}", self.entry)
    }
}

impl FromStr for Point {
    type Err = NotAPoint;

    fn from_str(text: &str) -> Result<Self, NotAPoint> {
        let is_own = text.starts_with('t');
        let entry = text.strip_prefix(['t', 'a']).ok_or(NotAPoint)?;
        let entry = entry.parse()?;
        Ok(Self { is_own, entry })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written() {
        for text in ["t1795312345678-0", "a0-1", "a18446744073709551615-0"] {
            let point: Point = text.parse().unwrap();
            assert_eq!(point.to_string(), text);
        }
        for none in [
            "", "a", "5-1", "x5-1", "a5", "a-1", "a5-", "t+5-1", "t5-1 ", "té5-1",
        ] {
            assert_eq!(none.parse::<Point>(), Err(NotAPoint), "{none}");
        }
    }
}
