//! Compares fields that must agree exactly: dates, telephone numbers, gender, NIN, e-mail addresses.
//!
//! A value of the record in an unreadable form counts as blank.

use jiff::civil::Date;

use super::{Rule, compared::Compared, extras, fold};
use crate::{Number, RecordDate, claims, number::any_phone};

/// Compares a date. The provider writes the day first. If its text can mean two days, a claim of the other day is a partial
/// match.
pub(super) fn date(claimed: &str, known: Option<&RecordDate>) -> Compared {
    let Some(known) = known.filter(|known| !extras::is_nothing(&known.raw)) else {
        return Compared::blank();
    };
    // Nobody born earlier has a number. An earlier date is the default value of some software.
    let day = known.date.filter(|day| day.year() >= 1900);
    let (Some(day), Ok(claimed)) = (day, claimed.parse::<Date>()) else {
        return Compared::unreadable();
    };
    if let Some(next) = known.close_to_midnight() {
        return match claimed == day || claimed == next {
            true => Compared::matched(Rule::CloseToMidnight),
            false => Compared::mismatch(0.0, Rule::CloseToMidnight),
        };
    }
    match known.month_first() {
        Some(_) if claimed == day => Compared::matched(Rule::DayFirst),
        Some(other) if claimed == other => Compared::partial(0.5, Rule::DayAndMonthAmbiguous),
        None if claimed != day && transposed(claimed) == Some(day) => {
            Compared::mismatch(0.5, Rule::DayAndMonthSwapped)
        }
        _ => Compared::exact(claimed == day),
    }
}

fn transposed(date: Date) -> Option<Date> {
    Date::new(date.year(), date.day(), date.month()).ok()
}

/// Compares a telephone number. Any of the record's numbers may be the claimed one.
pub(super) fn phone(claimed: &str, known: &[String]) -> Compared {
    let known: Vec<&String> = known
        .iter()
        .filter(|text| !extras::is_nothing(text))
        .collect();
    if known.is_empty() {
        return Compared::blank();
    }
    let texts = known
        .iter()
        .flat_map(|text| text.split(['/', ',', ';', '|', '&']));
    let numbers: Vec<String> = texts.filter_map(readable).collect();
    if numbers.is_empty() {
        return Compared::unreadable();
    }
    Compared::exact(numbers.iter().any(|number| number == claimed))
}

/// Normalises a number. Returns `None` for a filler or an unreadable text.
fn readable(text: &str) -> Option<String> {
    any_phone(&fold::text(text)).filter(|digits| !is_filler(digits))
}

/// Whether the number is a filler: registers fill blanks with a repeated digit.
fn is_filler(digits: &str) -> bool {
    let mut all = digits.bytes();
    let first = all.next();
    all.all(|digit| Some(digit) == first)
}

/// Compares a gender in any usual spelling.
pub(super) fn gender(claimed: &str, known: Option<&str>) -> Compared {
    match known.filter(|text| !extras::is_nothing(text)) {
        None => Compared::blank(),
        Some(known) => claims::gender(known).map_or_else(Compared::unreadable, |known| {
            Compared::exact(known == claimed)
        }),
    }
}

/// Compares a NIN.
pub(super) fn nin(claimed: &str, known: Option<&str>) -> Compared {
    match known.filter(|text| !extras::is_nothing(text)) {
        None => Compared::blank(),
        Some(known) => match Number::nin(known) {
            Ok(known) if !is_filler(known.expose()) => Compared::exact(known.expose() == claimed),
            _ => Compared::unreadable(),
        },
    }
}

/// Compares an e-mail address, ignoring case. Any of the record's addresses may be the claimed one.
pub(super) fn email(claimed: &str, known: Option<&str>) -> Compared {
    match known.filter(|text| !extras::is_nothing(text)) {
        None => Compared::blank(),
        Some(known) if !known.contains('@') => Compared::unreadable(),
        Some(known) => {
            let claimed = plain(claimed);
            let mut several = known.split([';', ',', '|', ' ']);
            let is_one_of_them = several.any(|known| !known.is_empty() && plain(known) == claimed);
            Compared::exact(is_one_of_them || plain(known) == claimed)
        }
    }
}

fn plain(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let email = email.trim_matches(['<', '>', '"', '\u{200B}']);
    email.strip_prefix("mailto:").unwrap_or(email).to_owned()
}
