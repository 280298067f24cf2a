//! The table of cases, which the last three digits of a number select.

use crate::fault::{Fixed, Refusal, Retry};

/// A behaviour that the last three digits of a number select.
#[derive(Debug)]
pub struct Case {
    /// The three digits.
    pub code: &'static str,
    /// The effect, as a sentence.
    pub does: &'static str,
    pub(crate) behaviour: Behaviour,
}

impl Case {
    /// Returns the case that the last three digits in `number` select.
    ///
    /// Unknown codes and numbers with fewer than three digits select `000`.
    #[must_use]
    pub fn of(number: &str) -> &'static Self {
        let mut last: Vec<u8> = number
            .bytes()
            .rev()
            .filter(u8::is_ascii_digit)
            .take(3)
            .collect();
        last.reverse();
        CASES
            .iter()
            .find(|case| case.code.as_bytes() == last)
            .unwrap_or(&CASES[0])
    }

    /// Returns how the records of this case differ from ordinary ones.
    pub(crate) const fn twist(&self) -> Twist {
        match self.behaviour {
            Behaviour::Record(twist) => twist,
            _ => Twist::None,
        }
    }
}

/// How calls with a case are answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// With a record that differs from an ordinary one in this way.
    Record(Twist),
    /// With an ordinary record, whose body is sent in this way.
    Sent(Delivery),
    /// With this refusal on the first call for a number, and with the record from then on.
    Once(Refusal),
    /// With this refusal on every call.
    Always(Refusal),
    /// With status 200 and a body that does not depend on the number.
    Fixed(Fixed),
    /// Not at all.
    Silence,
}

/// How a record differs from an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twist {
    None,
    Blank,
    Photo(Photo),
    WatchListed,
    Diacritics,
    SwappedNames,
}

/// How the portrait of a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Photo {
    NotBase64,
    Missing,
    Large,
    DataUri,
    UrlSafe,
    Lines,
    Png,
}

/// How a body is sent abnormally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Slow,
    Cut,
    Truncated,
}

const fn case(code: &'static str, does: &'static str, behaviour: Behaviour) -> Case {
    Case {
        code,
        does,
        behaviour,
    }
}

const fn record(code: &'static str, does: &'static str, twist: Twist) -> Case {
    case(code, does, Behaviour::Record(twist))
}

const fn photo(code: &'static str, does: &'static str, photo: Photo) -> Case {
    record(code, does, Twist::Photo(photo))
}

const fn once(code: &'static str, does: &'static str, status: u16, retry: Retry) -> Case {
    case(
        code,
        does,
        Behaviour::Once(Refusal::new(status, refusal_text(status), retry)),
    )
}

const fn always(code: &'static str, does: &'static str, status: u16) -> Case {
    case(
        code,
        does,
        Behaviour::Always(Refusal::new(status, refusal_text(status), Retry::Unsaid)),
    )
}

/// Returns the message of a refusal with this status.
pub(crate) const fn refusal_text(status: u16) -> &'static str {
    match status {
        400 => "The number provided is not valid",
        401 => "Unauthenticated",
        402 => "Insufficient wallet balance",
        403 => "You do not have the permission to perform this action",
        404 => "Record not found",
        422 => "The given data was invalid",
        429 => "Too many requests",
        503 => "Service unavailable",
        _ => "Server error",
    }
}

/// All cases, ordered by code. The first one applies to unknown codes.
pub static CASES: [Case; 31] = [
    record("000", "An ordinary record.", Twist::None),
    always("001", "There is no such record: 404.", 404),
    record(
        "002",
        "A record with blank fields: gender, date of birth, emails and more.",
        Twist::Blank,
    ),
    photo(
        "003",
        "The image is a text that is not base64.",
        Photo::NotBase64,
    ),
    photo("004", "The image is an empty text.", Photo::Missing),
    photo("005", "An image of almost 5,000,000 bytes.", Photo::Large),
    photo("006", "The image is a data URI.", Photo::DataUri),
    photo(
        "007",
        "The image is base64 in the URL-safe alphabet, without padding.",
        Photo::UrlSafe,
    ),
    photo(
        "008",
        "The image is base64 in lines of 76 columns.",
        Photo::Lines,
    ),
    photo("009", "The image is a PNG.", Photo::Png),
    once(
        "010",
        "429 with `Retry-After: 2` once, then the record.",
        429,
        Retry::Seconds(2),
    ),
    once(
        "011",
        "429 with a `Retry-After` date once, then the record.",
        429,
        Retry::DateIn(2),
    ),
    once(
        "012",
        "429 without `Retry-After` once, then the record.",
        429,
        Retry::Unsaid,
    ),
    once("020", "500 once, then the record.", 500, Retry::Unsaid),
    always("021", "500 always.", 500),
    once(
        "022",
        "503 with `Retry-After: 1` once, then the record.",
        503,
        Retry::Seconds(1),
    ),
    case("030", "Never answers.", Behaviour::Silence),
    case(
        "031",
        "The body comes in small pieces, slowly.",
        Behaviour::Sent(Delivery::Slow),
    ),
    case(
        "032",
        "The connection breaks in the middle of the body.",
        Behaviour::Sent(Delivery::Cut),
    ),
    case(
        "033",
        "The first half of the JSON, with a `Content-Length` that matches the half.",
        Behaviour::Sent(Delivery::Truncated),
    ),
    case(
        "034",
        "An HTML page with status 200.",
        Behaviour::Fixed(Fixed::Html),
    ),
    case(
        "035",
        "JSON of another shape with status 200.",
        Behaviour::Fixed(Fixed::WrongShape),
    ),
    always("040", "401: the token is unknown.", 401),
    always("041", "403: the token has no permission.", 403),
    always("042", "402: the wallet is empty.", 402),
    always("043", "400 with a message.", 400),
    always("044", "422 with a message.", 422),
    case(
        "050",
        "Status 200 with an envelope that reports an error.",
        Behaviour::Fixed(Fixed::EnvelopeError),
    ),
    record(
        "060",
        "A watch-listed person (BVN; ordinary for other kinds).",
        Twist::WatchListed,
    ),
    record(
        "061",
        "Names with diacritics and apostrophes.",
        Twist::Diacritics,
    ),
    record(
        "062",
        "First and last name are swapped in the record.",
        Twist::SwappedNames,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_digits_choose() {
        for (number, code) in [
            ("22200000000", "000"),
            ("22200000031", "031"),
            ("A12345062", "062"),
            ("ABC-12345AA061", "061"),
            ("ABC00009AA1B0", "000"), // 910: not a case
            ("22200000999", "000"),
            ("12", "000"),
            ("", "000"),
        ] {
            assert_eq!(Case::of(number).code, code, "{number}");
        }
    }

    #[test]
    fn codes_are_ordered_and_single() {
        assert!(CASES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
