//! Parses the two forms of the header `Retry-After` (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

/// The value for a number of seconds that is too large to represent (RFC 9111, section 1.2.2).
const MAX_SECONDS: u64 = 1 << 31;

/// The earliest time at which the provider wants to be called again.
///
/// It is never shortened. The caller decides how long it can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// The delay after the answer arrived. At most 2³¹ seconds.
    Delay(Duration),
    /// The time by the provider's clock.
    At(SystemTime),
}

impl RetryAfter {
    /// Parses the header's value: a whole number of seconds, or a date in any of the three forms of HTTP.
    ///
    /// Returns `None` for anything else, such as `-1`, `1.5`, `+3` or `soon`.
    pub fn parse(value: &str) -> Option<Self> {
        // RFC 9110, section 5.6.3: only spaces and tabs surround a field's value.
        let value = value.trim_matches([' ', '\t']);
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = value.parse().unwrap_or(MAX_SECONDS).min(MAX_SECONDS);
            return Some(Self::Delay(Duration::from_secs(seconds)));
        }
        httpdate::parse_http_date(value).ok().map(Self::At)
    }

    /// Returns how long to wait if the answer arrived at `now`. Zero for a date in the past.
    pub fn wait(self, now: SystemTime) -> Duration {
        match self {
            Self::Delay(delay) => delay,
            Self::At(moment) => moment.duration_since(now).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unix: u64) -> Option<RetryAfter> {
        Some(RetryAfter::At(
            SystemTime::UNIX_EPOCH + Duration::from_secs(unix),
        ))
    }

    fn delay(seconds: u64) -> Option<RetryAfter> {
        Some(RetryAfter::Delay(Duration::from_secs(seconds)))
    }

    #[test]
    fn every_form_of_the_header() {
        let rows = [
            ("0", delay(0)),
            ("120", delay(120)),
            (" 2\t", delay(2)),
            ("007", delay(7)),
            ("4294967296", delay(1 << 31)),
            ("99999999999999999999999", delay(1 << 31)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", at(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", at(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", at(784_111_777)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1,2", None),
            ("2 s", None),
            ("soon", None),
            ("٣", None),
            ("1994-11-06T08:49:37Z", None),
            ("Sun, 06 Nov 1994 08:49:37 +0100", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ];
        for (value, expected) in rows {
            assert_eq!(RetryAfter::parse(value), expected, "{value:?}");
        }
    }

    #[test]
    fn waiting_is_counted_from_the_given_time() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let rows = [
            ("5", 5),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 7),
            ("Sun, 06 Nov 1994 08:49:30 GMT", 0),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ];
        for (value, seconds) in rows {
            let wait = RetryAfter::parse(value).map(|after| after.wait(now));
            assert_eq!(wait, Some(Duration::from_secs(seconds)), "{value:?}");
        }
    }
}
