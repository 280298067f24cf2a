//! Dates of records, which keep the provider's text next to the day that was read from it, and dates of requests, which are
//! refused if they can mean two days.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{characters::is_stray, refusal::Fault};

mod forms;

use forms::Reading;

/// A date of a record. It is personal data, so `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDate {
    /// The provider's text.
    pub raw: String,
    /// The day that the text means. A date of numbers that can mean two days is read with the day before the month. `None` if the
    /// text is not a date.
    pub date: Option<Date>,
}

impl fmt::Debug for RecordDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordDate(***)")
    }
}

impl RecordDate {
    /// Reads a date in a form that the provider is known to use: `1986-01-20`, `18-11-1985` and `10/06/1993` (day first),
    /// `01-Jan-2000`, `01-January-1907`, each followed by an optional time of day.
    pub fn read(raw: &str) -> Self {
        let date = match Reading::of(raw) {
            Some(Reading::Sure(day) | Reading::MonthFirst(day)) => Some(day),
            Some(Reading::Either { day_first, .. }) => Some(day_first),
            None => None,
        };
        Self {
            raw: raw.trim().to_owned(),
            date,
        }
    }

    /// Returns the following day if the text has a time shortly before midnight.
    ///
    /// A day that software converted to a time in a zone east of Greenwich, and then wrote in UTC, is one day early.
    pub fn close_to_midnight(&self) -> Option<Date> {
        forms::is_close_to_midnight(&self.raw).then(|| self.date?.tomorrow().ok())?
    }

    /// Returns the other day that the text can mean, if it is a date of numbers of which two can be the month.
    pub fn month_first(&self) -> Option<Date> {
        match Reading::of(&self.raw)? {
            Reading::Either { month_first, .. } => Some(month_first),
            Reading::Sure(_) | Reading::MonthFirst(_) => None,
        }
    }
}

/// Parses a date of a request: `1986-01-20`, or any other form that can mean only one day. Day and month are never
/// guessed.
pub fn claimed(text: &str) -> Result<Date, Fault> {
    let visible: String = text.chars().filter(|c| !is_stray(*c)).collect();
    match Reading::of(&visible) {
        Some(Reading::Sure(_) | Reading::MonthFirst(_))
            if forms::is_close_to_midnight(&visible) =>
        {
            Err(Fault::new(
                "has a time close to midnight, and can mean two days",
                "write only the day, as year-month-day, like 1986-01-20",
            ))
        }
        Some(Reading::Sure(day) | Reading::MonthFirst(day)) => Ok(day),
        Some(Reading::Either { .. }) => Err(Fault::new(
            "can mean two days",
            "write it as year-month-day, like 1986-01-20, because either of these numbers can be the month",
        )),
        None => Err(Fault::new(
            "is not a date",
            "write it as year-month-day, like 1986-01-20",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_provider_is_read() {
        let cases = [
            ("1986-01-20", Some((1986, 1, 20))),
            ("18-11-1985", Some((1985, 11, 18))),
            ("10/06/1993", Some((1993, 6, 10))),
            ("01-Jan-2000", Some((2000, 1, 1))),
            ("01-January-1907", Some((1907, 1, 1))),
            ("18-OCT-1985", Some((1985, 10, 18))),
            ("3 August 1990", Some((1990, 8, 3))),
            ("August 3rd, 1990", Some((1990, 8, 3))),
            ("20JAN1986", Some((1986, 1, 20))),
            ("1986-01-20 00:00:00", Some((1986, 1, 20))),
            ("1986-01-20T00:00:00Z", Some((1986, 1, 20))),
            ("1986-01-20T00:00:00.000+01:00", Some((1986, 1, 20))),
            ("10/06/1993 12:30:00 AM", Some((1993, 6, 10))),
            ("31-02-1990", None),
            ("13/13/1990", None),
            ("11/18/1985", Some((1985, 11, 18))),
            ("20/01/86", None),
            ("0000-00-00", None),
            ("Creminmouth", None),
            ("01-Smarch-2000", None),
            ("1986-01-20 or so", None),
            ("12:30 1986-01-20", None),
            ("1986-01-20 1987-02-21", None),
            ("1986-01-20T25:99:99", None),
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
    fn only_numbers_that_can_change_places_are_ambiguous() {
        let other = |raw: &str| RecordDate::read(raw).month_first();
        assert_eq!(other("10/06/1993"), Some(Date::constant(1993, 10, 6)));
        for sure in ["18-11-1985", "05/05/1990", "1993-10-06", "06-Oct-1993", "x"] {
            assert_eq!(other(sure), None, "{sure}");
        }
    }

    #[test]
    fn a_moment_close_to_midnight_can_mean_two_days() {
        let next = Some(Date::constant(1985, 11, 18));
        for (raw, other) in [
            ("1985-11-17T23:00:00.000Z", next),
            ("1985-11-17T22:00:00Z", next),
            ("1985-11-17T23:00:00+00:00", next),
            ("1985-11-17 23:00:00", next),
            ("17/11/1985 11:00:00 PM", next),
            ("17/11/1985 11:00:00 AM", None),
            ("1985-11-17T00:00:00.000Z", None),
            ("1985-11-17T00:00:00+01:00", None),
            ("1985-11-17T12:00:00Z", None),
            ("1985-11-17", None),
            ("17-11-1985", None),
        ] {
            let date = RecordDate::read(raw);
            assert_eq!(date.date, Some(Date::constant(1985, 11, 17)), "{raw}");
            assert_eq!(date.close_to_midnight(), other, "{raw}");
            assert_eq!(claimed(raw).is_err(), other.is_some(), "{raw}");
        }
        assert_eq!(
            claimed("\u{FEFF}1986-01-20\u{200B}").unwrap(),
            Date::constant(1986, 1, 20)
        );
    }

    #[test]
    fn callers_write_what_can_mean_one_day_only() {
        for (text, day) in [
            ("1986-01-20", (1986, 1, 20)),
            ("1986/1/2", (1986, 1, 2)),
            ("18-11-1985", (1985, 11, 18)),
            ("11/18/1985", (1985, 11, 18)),
            ("05/05/1990", (1990, 5, 5)),
            ("01-Jan-2000", (2000, 1, 1)),
            ("1 January 2000", (2000, 1, 1)),
        ] {
            let (y, m, d) = day;
            assert_eq!(claimed(text).unwrap(), Date::constant(y, m, d), "{text}");
        }
        for wrong in ["1986-02-30", "20/01/86", "éééééééééé", "13/13/1990", ""] {
            assert_eq!(
                claimed(wrong).unwrap_err().problem,
                "is not a date",
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_date_that_can_mean_two_days_is_refused_and_not_repeated() {
        for text in ["10/06/1993", "1-2-1990", "06.10.1993"] {
            let fault = claimed(text).unwrap_err();
            assert_eq!(fault.problem, "can mean two days", "{text}");
            assert!(fault.remedy.starts_with("write it as year-month-day"));
            assert!(!fault.remedy.contains("1993") && !fault.remedy.contains("1990"));
        }
    }
}
