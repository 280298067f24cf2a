//! The forms of dates, and which of them can mean two days.

use jiff::civil::Date;

/// The day or days that a text can mean.
pub(super) enum Reading {
    /// One day: the year comes first, the month has a name, or only one number can be the month.
    Sure(Date),
    /// One day, with the month before the day.
    MonthFirst(Date),
    /// Two days.
    Either {
        /// With the day before the month.
        day_first: Date,
        /// With the month before the day.
        month_first: Date,
    },
}

impl Reading {
    /// Reads a date that is followed by an optional time of day. Returns `None` if the text is not a date, or if the day does not
    /// exist.
    pub(super) fn of(text: &str) -> Option<Self> {
        let parts: Vec<Part<'_>> = parts(text)?;
        let (reading, rest) = match &parts[..] {
            [Part::Year(y), Part::Small(m), Part::Small(d), rest @ ..] => {
                (Self::Sure(civil(*y, *m, *d)?), rest)
            }
            [Part::Year(y), Part::Month(m), Part::Small(d), rest @ ..]
            | [Part::Small(d), Part::Month(m), Part::Year(y), rest @ ..]
            | [Part::Month(m), Part::Small(d), Part::Year(y), rest @ ..] => {
                (Self::Sure(civil(*y, *m, *d)?), rest)
            }
            [Part::Small(a), Part::Small(b), Part::Year(y), rest @ ..] => {
                (Self::of_numbers(*a, *b, *y)?, rest)
            }
            _ => return None,
        };
        is_time(rest).then_some(reading)
    }

    fn of_numbers(first: i8, second: i8, year: i16) -> Option<Self> {
        match (civil(year, second, first), civil(year, first, second)) {
            (Some(day), Some(same)) if day == same => Some(Self::Sure(day)),
            (Some(day_first), Some(month_first)) => Some(Self::Either {
                day_first,
                month_first,
            }),
            (Some(day), None) => Some(Self::Sure(day)),
            (None, Some(day)) => Some(Self::MonthFirst(day)),
            (None, None) => None,
        }
    }
}

/// Whether the time of day after a date is within three hours before midnight.
///
/// The writers of such dates are in time zones up to three hours east of the zone in which the date is written.
pub(super) fn is_close_to_midnight(text: &str) -> bool {
    let Some(parts) = parts(text) else {
        return false;
    };
    let is_afternoon = parts
        .iter()
        .any(|part| matches!(part, Part::Word(word) if word.eq_ignore_ascii_case("pm")));
    match parts.get(3..).unwrap_or_default() {
        [Part::Word(_), Part::Small(hour), ..] | [Part::Small(hour), ..] => {
            *hour >= 21 || is_afternoon && (9..12).contains(hour)
        }
        _ => false,
    }
}

/// Whether the parts after a date are empty, or a time of day with an optional time zone.
fn is_time(rest: &[Part<'_>]) -> bool {
    let mut clock = rest.iter().filter_map(|part| match part {
        Part::Small(number) => Some(*number),
        _ => None,
    });
    let (hour, minute) = (clock.next(), clock.next());
    let known = |part: &Part<'_>| match part {
        Part::Small(_) | Part::Number | Part::Year(_) => true,
        Part::Word(word) => is_time_word(word),
        Part::Month(_) => false,
    };
    !matches!(rest.first(), Some(Part::Year(_) | Part::Number))
        && hour.is_none_or(|hour| hour < 24)
        && minute.is_none_or(|minute| minute < 60)
        && rest.iter().all(known)
}

/// A sequence of digits or of letters.
enum Part<'a> {
    /// Four digits.
    Year(i16),
    /// One or two digits.
    Small(i8),
    /// Another number of digits, such as a fraction of a second.
    Number,
    /// The name of a month.
    Month(i8),
    /// Any other word.
    Word(&'a str),
}

/// A text with more parts than this is not a date.
const MOST_PARTS: usize = 12;

fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::with_capacity(MOST_PARTS);
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_alphanumeric() {
            let separates =
                matches!(first, '-' | '/' | '.' | ',' | ':' | '+') || first.is_whitespace();
            // These belong to a time, which follows the date.
            let early = matches!(first, ':' | '+') && parts.len() < 3;
            if !separates || early {
                return None;
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let digits = first.is_ascii_digit();
        let same = |c: char| c.is_ascii_alphanumeric() && c.is_ascii_digit() == digits;
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        rest = behind;
        match part(run, digits)? {
            // `3rd`, `1st of May`
            Part::Word(word) if is_ordinal(word) => {}
            part => parts.push(part),
        }
        if parts.len() > MOST_PARTS {
            return None;
        }
    }
    Some(parts)
}

fn part(run: &str, digits: bool) -> Option<Part<'_>> {
    if !digits {
        return Some(month_by_name(run).map_or(Part::Word(run), Part::Month));
    }
    Some(match run.len() {
        1 | 2 => Part::Small(run.parse().ok()?),
        4 => Part::Year(run.parse().ok()?),
        _ => Part::Number,
    })
}

fn is_ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th", "of"]
        .iter()
        .any(|end| word.eq_ignore_ascii_case(end))
}

fn is_time_word(word: &str) -> bool {
    let words = ["t", "z", "am", "pm", "utc", "gmt", "wat"];
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn civil(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
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
    let name = name.to_ascii_lowercase();
    let short = |month: &str| name.len() == 3 && month.starts_with(&name);
    let position = MONTHS
        .iter()
        .position(|month| *month == name || short(month));
    // The usual abbreviation of September has four letters.
    let position = position.or_else(|| (name == "sept").then_some(8))?;
    i8::try_from(position + 1).ok()
}
