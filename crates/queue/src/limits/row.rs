//! The limits of one scope, as they are set and as the scripts store them.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    limits::{LimitError, Rate, zone},
    units::{LARGEST, millis},
};

/// The limits of a scope: a kind, or the account. A call needs the permission of every limit that
/// is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Calls in a period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Calls in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<Daily>,
    /// Calls that may be under way at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u32>,
}

/// A number of calls from midnight to midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Daily {
    /// The number of calls.
    pub calls: u64,
    /// The time zone that defines midnight: a name such as `Africa/Lagos`, or a POSIX rule such as
    /// `<+01>-1`.
    pub zone: String,
}

const TOO_LARGE: &str = "use at most 2147483647, or none";

impl Limits {
    /// Returns whether no limit is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Converts the limits to fields of a limiter, with the offsets of the time zone as they are
    /// known now.
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
            if daily.calls > LARGEST.into() {
                return Err(LimitError::new("daily", "is out of range", TOO_LARGE));
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
            if in_flight > LARGEST {
                return Err(LimitError::new("in_flight", "is out of range", TOO_LARGE));
            }
            fields.push(("in_flight", in_flight.to_string()));
        }
        Ok(fields)
    }

    /// Parses the limits from the fields of a limiter.
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
    use crate::limits::rate::DAY;

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
            (
                Limits {
                    daily: Some(daily(u64::MAX, "UTC")),
                    ..Limits::default()
                },
                "daily",
            ),
            (
                Limits {
                    in_flight: Some(u32::MAX),
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
        assert_eq!(limits.rate.unwrap().interval_us(), 200_083);
    }
}
