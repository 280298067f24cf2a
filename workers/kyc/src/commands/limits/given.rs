//! Parses limits from the command line and merges them with the current limits. Pure.

use std::time::Duration;

use kyc_queue::{Daily, LimitError, Limits, Rate};

use crate::{cli, settings::duration};

const ZONE: &str = "Africa/Lagos";
const NONE: &str = "none";

/// A change of one limit.
#[derive(Debug, Default, PartialEq, Eq)]
enum Change<T> {
    #[default]
    Stays,
    Goes,
    Is(T),
}

/// The changes that were requested.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    rate: Change<Rate>,
    burst: Option<u32>,
    margin: Option<Duration>,
    daily: Change<u64>,
    zone: Option<String>,
    in_flight: Change<u32>,
}

/// Parses the arguments.
pub(super) fn read(words: &cli::Given) -> Result<Given, LimitError> {
    let daily = wrong("daily", "cannot be read", "write calls a day, or none");
    let burst = wrong("burst", "cannot be read", "write a whole number, like 1");
    let in_flight = "write how many jobs workers may hold at once, or none";
    let in_flight = wrong("in_flight", "cannot be read", in_flight);
    Ok(Given {
        rate: change(words.rate.as_deref(), str::parse)?,
        burst: words
            .burst
            .as_deref()
            .map(|text| number(text, burst))
            .transpose()?,
        margin: words.margin.as_deref().map(margin).transpose()?,
        daily: change(words.daily.as_deref(), |text| number(text, daily))?,
        zone: words.zone.clone(),
        in_flight: change(words.in_flight.as_deref(), |text| number(text, in_flight))?,
    })
}

impl Given {
    /// Returns `known` with these changes.
    pub(super) fn over(&self, known: &Limits) -> Result<Limits, LimitError> {
        Ok(Limits {
            rate: self.rate_over(known.rate)?,
            daily: self.daily_over(known.daily.as_ref())?,
            in_flight: self.in_flight.over(known.in_flight),
        })
    }

    /// Burst and margin stay, reduced to what the new rate allows.
    fn rate_over(&self, known: Option<Rate>) -> Result<Option<Rate>, LimitError> {
        let mut rate = self.rate.over(known);
        if let (Some(rate), Some(known)) = (&mut rate, known) {
            rate.burst = known.burst.min(rate.calls);
            rate.margin = known.margin.min(rate.period);
        }
        let no_rate = |what| {
            let remedy = "give --rate too, like --rate 5/s";
            wrong(what, "needs a rate", remedy)
        };
        if let Some(burst) = self.burst {
            rate.as_mut().ok_or_else(|| no_rate("burst"))?.burst = burst;
        }
        if let Some(margin) = self.margin {
            rate.as_mut().ok_or_else(|| no_rate("margin"))?.margin = margin;
        }
        Ok(rate)
    }

    fn daily_over(&self, known: Option<&Daily>) -> Result<Option<Daily>, LimitError> {
        let Some(calls) = self.daily.over(known.map(|daily| daily.calls)) else {
            if self.zone.is_none() {
                return Ok(None);
            }
            let remedy = "give --daily too, like --daily 10000";
            return Err(wrong("zone", "needs a daily quota", remedy));
        };
        let known = known.map(|daily| &daily.zone);
        let zone = self.zone.as_ref().or(known);
        let zone = zone.map_or_else(|| ZONE.to_owned(), Clone::clone);
        Ok(Some(Daily { calls, zone }))
    }
}

impl<T: Copy> Change<T> {
    fn over(&self, known: Option<T>) -> Option<T> {
        match self {
            Self::Stays => known,
            Self::Goes => None,
            Self::Is(value) => Some(*value),
        }
    }
}

fn wrong(what: &'static str, problem: &'static str, remedy: &'static str) -> LimitError {
    LimitError {
        what,
        problem,
        remedy,
    }
}

fn change<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, LimitError>,
) -> Result<Change<T>, LimitError> {
    match text {
        None => Ok(Change::Stays),
        Some(NONE) => Ok(Change::Goes),
        Some(text) => read(text).map(Change::Is),
    }
}

fn number<T: std::str::FromStr>(text: &str, wrong: LimitError) -> Result<T, LimitError> {
    text.trim().parse().map_err(|_| wrong)
}

/// Parses a duration, which may be zero.
fn margin(text: &str) -> Result<Duration, LimitError> {
    if ["0", "0ms", "0s"].contains(&text.trim()) {
        return Ok(Duration::ZERO);
    }
    duration(text).map_err(|_| wrong("margin", "cannot be read", "write a time, like 25ms"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name=value` words, as flags give them.
    fn words(pairs: &[(&str, &str)]) -> cli::Given {
        let of = |name: &str| {
            let pair = pairs.iter().find(|(known, _)| *known == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        cli::Given {
            rate: of("rate"),
            burst: of("burst"),
            margin: of("margin"),
            daily: of("daily"),
            zone: of("zone"),
            in_flight: of("in_flight"),
        }
    }

    fn set(pairs: &[(&str, &str)], known: &Limits) -> Result<Limits, LimitError> {
        read(&words(pairs))?.over(known)
    }

    #[test]
    fn what_is_given_replaces_that_limit_and_the_others_stay() {
        let all = [
            ("rate", "10/s"),
            ("burst", "4"),
            ("margin", "40ms"),
            ("daily", "9"),
            ("in_flight", "3"),
        ];
        let known = set(&all, &Limits::default()).unwrap();
        let rate = known.rate.unwrap();
        assert_eq!((rate.calls, rate.burst), (10, 4));
        assert_eq!(known.daily.as_ref().unwrap().zone, ZONE);
        let slower = set(&[("rate", "2/s")], &known).unwrap();
        let rate = slower.rate.unwrap();
        assert_eq!(
            (rate.calls, rate.burst, rate.margin),
            (2, 2, Duration::from_millis(40)),
            "the burst is cut to what the rate allows"
        );
        assert_eq!((&slower.daily, slower.in_flight), (&known.daily, Some(3)));
        let utc = set(&[("zone", "UTC")], &known).unwrap();
        assert_eq!(utc.daily.as_ref().unwrap().calls, 9);
        let more = set(&[("daily", "20")], &utc).unwrap();
        assert_eq!(more.daily.unwrap().zone, "UTC");
        let sharp = set(&[("margin", "0")], &known).unwrap();
        assert_eq!(sharp.rate.unwrap().margin, Duration::ZERO);
        let none = [("rate", "none"), ("daily", "none"), ("in_flight", "none")];
        assert!(set(&none, &known).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_named_with_its_remedy() {
        let rated = set(&[("rate", "5/s")], &Limits::default()).unwrap();
        for (pairs, known, what, remedy) in [
            (&[("burst", "2")][..], &Limits::default(), "burst", "--rate"),
            (&[("margin", "9ms")], &Limits::default(), "margin", "--rate"),
            (&[("zone", "UTC")], &rated, "zone", "--daily"),
            (
                &[("rate", "none"), ("burst", "1")],
                &rated,
                "burst",
                "--rate",
            ),
            (
                &[("daily", "none"), ("zone", "UTC")],
                &rated,
                "zone",
                "--daily",
            ),
            (&[("rate", "fast")], &rated, "rate", "5/s"),
            (&[("burst", "-1")], &rated, "burst", "whole number"),
            (&[("margin", "25")], &rated, "margin", "25ms"),
            (&[("daily", "many")], &rated, "daily", "none"),
            (&[("in_flight", "1.5")], &rated, "in_flight", "none"),
        ] {
            let error = set(pairs, known).unwrap_err();
            assert_eq!(error.what, what, "{error}");
            assert!(error.remedy.contains(remedy), "{error}");
        }
    }
}
