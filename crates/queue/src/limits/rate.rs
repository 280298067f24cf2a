//! A rate: calls in a period, as it is written in settings and as slots are spaced.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Serialize, Serializer};

use crate::{limits::LimitError, units::millis};

/// A number of calls in a period. With a burst of 1, no interval of this length contains more
/// calls, wherever it begins. With a burst of `b`, an interval after a quiet time may contain `b -
/// 1` more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The number of calls.
    pub calls: u32,
    /// The length of the period: one second to one day.
    pub period: Duration,
    /// How many calls may be sent at once after a quiet time.
    pub burst: u32,
    /// Time that is added to the period over which the calls are spread. An interval contains too
    /// many calls only if one call is delayed on its way to the provider by more than this relative
    /// to another.
    pub margin: Duration,
}

pub(super) const DAY: Duration = Duration::from_hours(24);

impl Rate {
    /// The default margin. With a period of one second it leaves 97.5 % of the calls. It must cover
    /// the tolerance for late calls (10 ms by default) and the differences in transmission time
    /// between calls.
    pub const MARGIN: Duration = Duration::from_millis(25);

    /// Returns the time between two calls, in microseconds.
    pub(crate) fn interval_us(&self) -> u64 {
        let spread = self.period + self.margin;
        u64::try_from(spread.as_micros() / u128::from(self.calls.max(1))).unwrap_or(u64::MAX)
    }
}

/// `5/s`, `300/m`, `1000/h`, `2/10s`.
impl FromStr for Rate {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let wrong = || {
            let remedy = "write calls in a period of 1 s to 24 h, like 5/s, 300/m, 1000/h or 2/10s";
            LimitError::new("rate", "cannot be read", remedy)
        };
        let (calls, period) = text.trim().split_once('/').ok_or_else(wrong)?;
        let count = period.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &period[count.len()..] {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let count: u64 = if count.is_empty() {
            1
        } else {
            count.parse().map_err(|_| wrong())?
        };
        let period = count.checked_mul(unit).map(Duration::from_secs);
        let rate = Self {
            calls: calls.trim().parse().map_err(|_| wrong())?,
            period: period.ok_or_else(wrong)?,
            burst: 1,
            margin: Self::MARGIN,
        };
        rate.check().map(|()| rate)
    }
}

impl Rate {
    pub(super) fn check(&self) -> Result<(), LimitError> {
        if !(1..=100_000).contains(&self.calls)
            || !(Duration::from_secs(1)..=DAY).contains(&self.period)
        {
            let remedy = "allow 1 to 100000 calls in 1 s to 24 h; to stop a kind, pause it";
            return Err(LimitError::new("rate", "is out of range", remedy));
        }
        if !(1..=self.calls).contains(&self.burst) {
            let remedy = "use 1, or at most as many as the rate has calls";
            return Err(LimitError::new("burst", "is out of range", remedy));
        }
        if self.margin > self.period {
            let remedy = "use 25ms, or at most the rate's period";
            return Err(LimitError::new("margin", "is too long", remedy));
        }
        Ok(())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        let (count, unit) = match seconds {
            s if s % 3600 == 0 => (s / 3600, "h"),
            s if s % 60 == 0 => (s / 60, "m"),
            s => (s, "s"),
        };
        write!(f, "{}/", self.calls)?;
        if count != 1 {
            write!(f, "{count}")?;
        }
        f.write_str(unit)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told {
            calls: u32,
            period_ms: u64,
            burst: u32,
            margin_ms: u64,
        }
        let told = Told {
            calls: self.calls,
            period_ms: millis(self.period),
            burst: self.burst,
            margin_ms: millis(self.margin),
        };
        told.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_written() {
        for (text, calls, seconds) in [
            ("5/s", 5, 1),
            ("300/m", 300, 60),
            ("1000/h", 1000, 3600),
            ("2/10s", 2, 10),
            ("7/90s", 7, 90),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(
                (rate.calls, rate.period.as_secs()),
                (calls, seconds),
                "{text}"
            );
            assert_eq!(rate.to_string(), text);
        }
        for wrong in [
            "", "5", "5/", "/s", "0/s", "5/0s", "5/d", "-1/s", "5/25h", "5/1.5s", "1e9/s",
        ] {
            let error = wrong.parse::<Rate>().unwrap_err();
            assert_eq!(error.what, "rate", "{wrong}");
        }
    }
}
