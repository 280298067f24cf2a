//! One row of limits: what people write, and what the scripts read.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::limits::zone;

/// The limits of a scope: a kind, or the account. A call needs the leave of all that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Calls in any period of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Calls in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<Daily>,
    /// Calls that are under way at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u32>,
}

/// So many calls in a period. With a burst of one no period of this length, wherever it begins, sees more; with a burst
/// of `b` it may see `b - 1` more, after a quiet time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub calls: u32,
    /// In how long: one second to one day.
    pub period: Duration,
    /// How many may go at once after a quiet time.
    pub burst: u32,
    /// How much longer than the period so many calls are spread over. One of them would have to be delayed by more than
    /// this against another, on its way to the source, for a period to see too many.
    pub margin: Duration,
}

/// So many calls from midnight to midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Daily {
    /// How many.
    pub calls: u64,
    /// Whose midnight: the name of a time zone such as `Africa/Lagos`, or a POSIX rule such as `<+01>-1`.
    pub zone: String,
}

/// What is wrong with a limit, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}: {remedy}")]
pub struct LimitError {
    /// The limit: `rate`, `burst`, `margin`, `daily`, `in_flight`, `zone`.
    pub what: &'static str,
    /// What is wrong.
    pub problem: &'static str,
    /// What would be right.
    pub remedy: &'static str,
}

impl LimitError {
    pub(crate) fn new(what: &'static str, problem: &'static str, remedy: &'static str) -> Self {
        Self {
            what,
            problem,
            remedy,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

impl Rate {
    /// Of a second's worth of calls this leaves 97.5 %. It must hold how late a worker may send (10 ms by default) and
    /// by how much more one call takes to the source than another.
    pub const MARGIN: Duration = Duration::from_millis(25);

    pub(crate) fn interval_us(&self) -> u64 {
        let spread = self.period + self.margin;
        let one = spread.as_micros().div_ceil(u128::from(self.calls.max(1)));
        u64::try_from(one).unwrap_or(u64::MAX)
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
    fn check(&self) -> Result<(), LimitError> {
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Limits {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As fields of a gate, with the days of a zone as they are known at this time.
    pub(crate) fn to_fields(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, String)>, LimitError> {
        let mut fields = Vec::new();
        if let Some(rate) = &self.rate {
            rate.check()?;
            fields.push(("rate", rate.calls.to_string()));
            fields.push(("period", millis(rate.period).to_string()));
            fields.push(("burst", rate.burst.to_string()));
            fields.push(("margin", millis(rate.margin).to_string()));
        }
        if let Some(daily) = &self.daily {
            if daily.calls == 0 {
                let remedy = "use at least 1; to stop a kind, pause it";
                return Err(LimitError::new("daily", "is 0", remedy));
            }
            let days = zone::days(&daily.zone, now)?;
            fields.push(("daily", daily.calls.to_string()));
            fields.push(("zone", daily.zone.clone()));
            fields.push(("offsets", days.offsets));
            fields.push(("day_to", days.today_ends_ms.to_string()));
        }
        if let Some(in_flight) = self.in_flight {
            if in_flight == 0 {
                let remedy = "use at least 1; to stop a kind, pause it";
                return Err(LimitError::new("in_flight", "is 0", remedy));
            }
            fields.push(("in_flight", in_flight.to_string()));
        }
        Ok(fields)
    }

    /// From the fields of a gate.
    pub(crate) fn read(fields: &BTreeMap<String, String>) -> Self {
        let number = |name: &str| fields.get(name)?.parse::<u64>().ok();
        let small = |name: &str| u32::try_from(number(name)?).ok();
        let rate = small("rate").map(|calls| Rate {
            calls,
            period: Duration::from_millis(number("period").unwrap_or(1000)),
            burst: small("burst").unwrap_or(1),
            margin: Duration::from_millis(number("margin").unwrap_or_default()),
        });
        let zone = || fields.get("zone").cloned().unwrap_or_default();
        Self {
            rate,
            daily: number("daily").map(|calls| Daily {
                calls,
                zone: zone(),
            }),
            in_flight: small("in_flight"),
        }
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

    #[test]
    fn limits_that_nobody_can_mean_are_refused_by_name() {
        let rate: Rate = "5/s".parse().unwrap();
        let daily = |calls, zone: &str| Daily {
            calls,
            zone: zone.to_owned(),
        };
        let with = |rate| Limits {
            rate: Some(rate),
            ..Limits::default()
        };
        let cases = [
            (with(Rate { burst: 0, ..rate }), "burst"),
            (with(Rate { burst: 6, ..rate }), "burst"),
            (
                with(Rate {
                    margin: DAY,
                    ..rate
                }),
                "margin",
            ),
            (
                Limits {
                    daily: Some(daily(0, "UTC")),
                    ..Limits::default()
                },
                "daily",
            ),
            (
                Limits {
                    daily: Some(daily(1, "Lagos")),
                    ..Limits::default()
                },
                "zone",
            ),
            (
                Limits {
                    in_flight: Some(0),
                    ..Limits::default()
                },
                "in_flight",
            ),
        ];
        for (limits, what) in cases {
            let error = limits.to_fields(Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!(error.what, what, "{error}");
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let limits = Limits {
            rate: Some(Rate {
                burst: 3,
                ..("300/m".parse().unwrap())
            }),
            daily: Some(Daily {
                calls: 10_000,
                zone: "Africa/Lagos".to_owned(),
            }),
            in_flight: Some(20),
        };
        let fields = limits.to_fields(Timestamp::UNIX_EPOCH).unwrap();
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        assert_eq!(Limits::read(&fields.collect()), limits);
        assert_eq!(limits.rate.unwrap().interval_us(), 200_084);
    }
}
