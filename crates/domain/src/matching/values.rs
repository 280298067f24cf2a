//! Fields that agree exactly or not at all: dates, telephone numbers, gender, numbers, e-mail addresses. What
//! the record holds in a form that nobody can read is as good as blank.

use jiff::civil::Date;

use super::{Rule, compared::Compared, extras, fold};
use crate::{Number, RecordDate, claims, number::any_phone};

/// The provider writes days first; where its text could mean two days, the other one is not ruled out.
pub(super) fn date(claimed: &str, known: Option<&RecordDate>) -> Compared {
    let Some(known) = known.filter(|known| !extras::is_nothing(&known.raw)) else {
        return Compared::blank();
    };
    // Before this nobody was born who has a number: a default of somebody's software.
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

/// Any of the record's numbers may be the claimed one.
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

/// A number in one form, but for what registers write for none.
fn readable(text: &str) -> Option<String> {
    any_phone(&fold::text(text)).filter(|digits| !is_filler(digits))
}

/// Registers fill blanks with one digit over and over.
fn is_filler(digits: &str) -> bool {
    let mut all = digits.bytes();
    let first = all.next();
    all.all(|digit| Some(digit) == first)
}

/// From the usual spellings.
pub(super) fn gender(claimed: &str, known: Option<&str>) -> Compared {
    match known.filter(|text| !extras::is_nothing(text)) {
        None => Compared::blank(),
        Some(known) => claims::gender(known).map_or_else(Compared::unreadable, |known| {
            Compared::exact(known == claimed)
        }),
    }
}

/// Eleven digits, the same ones.
pub(super) fn nin(claimed: &str, known: Option<&str>) -> Compared {
    match known.filter(|text| !extras::is_nothing(text)) {
        None => Compared::blank(),
        Some(known) => match Number::nin(known) {
            Ok(known) if !is_filler(known.expose()) => Compared::exact(known.expose() == claimed),
            _ => Compared::unreadable(),
        },
    }
}

/// Without regard to case.
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
