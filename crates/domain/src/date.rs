//! Dates as the source writes them: the raw text is kept beside what was read from it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A date of a record. `raw` is personal data, so `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDate {
    /// The source's own text.
    pub raw: String,
    /// The day it means, where that is certain.
    pub date: Option<Date>,
}

impl fmt::Debug for RecordDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordDate(***)")
    }
}

impl RecordDate {
    /// Reads the forms the source is known to use: `1986-01-20`, `18-11-1985` and `10/06/1993` (day first),
    /// `01-Jan-2000`, `01-January-1907`, each with an optional time of day behind it.
    pub fn read(raw: &str) -> Self {
        let raw = raw.trim();
        let day = raw.split([' ', 'T']).next().unwrap_or(raw);
        let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
        let date = match parts[..] {
            [year, month, day] if year.len() == 4 => civil(year, month, day),
            [day, month, year] if year.len() == 4 => civil(year, month, day),
            _ => None,
        };
        Self {
            raw: raw.to_owned(),
            date,
        }
    }
}

/// A date as a caller must write it: `1986-01-20`. Day and month are never guessed.
pub fn iso(text: &str) -> Result<Date, crate::fields::Fault> {
    let shaped = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    shaped.then(|| text.parse().ok()).flatten().ok_or_else(|| {
        crate::fields::Fault::new(
            "is not a date",
            "write it as year-month-day, like 1986-01-20",
        )
    })
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    let month = month.parse().ok().or_else(|| month_by_name(month))?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn month_by_name(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = name.to_lowercase();
    let position = MONTHS
        .iter()
        .position(|month| *month == name || (name.len() == 3 && month.starts_with(&name)))?;
    i8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_source_is_read() {
        let cases = [
            ("1986-01-20", Some((1986, 1, 20))),
            ("18-11-1985", Some((1985, 11, 18))),
            ("10/06/1993", Some((1993, 6, 10))),
            ("01-Jan-2000", Some((2000, 1, 1))),
            ("01-January-1907", Some((1907, 1, 1))),
            ("1986-01-20 00:00:00", Some((1986, 1, 20))),
            ("1986-01-20T00:00:00Z", Some((1986, 1, 20))),
            ("31-02-1990", None),
            ("13/13/1990", None),
            ("Creminmouth", None),
            ("01-Smarch-2000", None),
            ("", None),
        ];
        for (raw, expected) in cases {
            let date = RecordDate::read(raw);
            assert_eq!(
                date.date,
                expected.map(|(y, m, d)| Date::constant(y, m, d)),
                "{raw}"
            );
            assert_eq!(date.raw, raw);
        }
    }

    #[test]
    fn callers_write_iso_dates_only() {
        assert!(iso("1986-01-20").is_ok());
        for wrong in [
            "20-01-1986",
            "1986/01/20",
            "1986-1-2",
            "1986-02-30",
            "éééééééééé",
        ] {
            assert!(iso(wrong).is_err(), "{wrong}");
        }
    }
}
