//! Durations in the units of the scripts.

use std::time::Duration;

/// The longest duration that the queue uses: 100 years. Redis adds durations to its clock, and refuses a time that it
/// cannot represent.
pub(crate) const LONGEST: Duration = Duration::from_secs(36_500 * 24 * 3600);
/// The largest count that the queue uses: 2³¹ − 1.
pub(crate) const LARGEST: u32 = i32::MAX.cast_unsigned();

/// Returns the duration, or [`LONGEST`] if it is longer.
pub(crate) fn bounded(duration: Duration) -> Duration {
    duration.min(LONGEST)
}

/// Returns the count, or [`LARGEST`] if it is larger.
pub(crate) fn bounded_count(count: usize) -> usize {
    count.min(usize::try_from(LARGEST).unwrap_or(usize::MAX))
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(bounded(duration).as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(bounded(duration).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_longer_than_a_century() {
        assert_eq!(millis(Duration::MAX), millis(LONGEST));
        assert_eq!(micros(Duration::MAX), micros(LONGEST));
        assert_eq!(millis(Duration::from_secs(1)), 1000);
        assert_eq!(bounded_count(usize::MAX), 2_147_483_647);
    }
}
