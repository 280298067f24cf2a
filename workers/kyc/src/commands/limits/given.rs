//! Parses limits from the command line. Pure.

use std::time::Duration;

use kyc_queue::{Change, LimitChanges, LimitError};

use crate::{cli, settings::duration};

const NONE: &str = "none";

/// Parses the arguments.
pub(super) fn read(words: &cli::Given) -> Result<LimitChanges, LimitError> {
    let daily = wrong("daily", "cannot be read", "write calls a day, or none");
    let burst = wrong("burst", "cannot be read", "write a whole number, like 1");
    let in_flight = "write how many jobs workers may hold at once, or none";
    let in_flight = wrong("in_flight", "cannot be read", in_flight);
    Ok(LimitChanges {
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
    use kyc_queue::Limits;

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
    fn none_removes_a_limit_and_a_margin_can_be_zero() {
        let known = [("rate", "10/s"), ("daily", "9"), ("in_flight", "3")];
        let known = set(&known, &Limits::default()).unwrap();
        let sharp = set(&[("margin", "0")], &known).unwrap();
        assert_eq!(sharp.rate.unwrap().margin, Duration::ZERO);
        let none = [("rate", "none"), ("daily", "none"), ("in_flight", "none")];
        assert!(set(&none, &known).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_named_with_its_remedy() {
        let rated = set(&[("rate", "5/s")], &Limits::default()).unwrap();
        for (pairs, known, what, remedy) in [
            (
                &[("burst", "2")][..],
                &Limits::default(),
                "burst",
                "give a rate too",
            ),
            (
                &[("margin", "9ms")],
                &Limits::default(),
                "margin",
                "give a rate too",
            ),
            (&[("zone", "UTC")], &rated, "zone", "give a daily quota"),
            (
                &[("rate", "none"), ("burst", "1")],
                &rated,
                "burst",
                "give a rate too",
            ),
            (
                &[("daily", "none"), ("zone", "UTC")],
                &rated,
                "zone",
                "give a daily quota",
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
