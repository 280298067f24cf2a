//! Numbers of persons: ten or more digits in a row, or in groups as people write them. Times, addresses of machines,
//! decimals and measures are told apart from them.

use std::ops::Range;

use super::{
    text::{NUMBER, digits, is_date, word_end},
    words,
};

/// The fewest digits after the point of a decimal that is kept. A person's number has at most 13, a floating-point number
/// up to 17.
const FRACTION: usize = 14;

/// What a run of digits turned out to be.
pub(super) enum Read {
    /// A person's number, in this range.
    Person(Range<usize>),
    /// Something else, which ends here.
    Kept(usize),
}

/// Reads the digits that begin at `start`, together with the groups of digits that follow them.
pub(super) fn read(bytes: &[u8], start: usize) -> Read {
    if let Some(length) = known(&bytes[start..]) {
        return Read::Kept(start + length);
    }
    let first = start + digits(&bytes[start..]);
    if let Some(end) = decimal(bytes, start, first) {
        let whole = first - start;
        let fraction = end - first - 1;
        let is_zero = bytes[start..first] == *b"0";
        let is_kept = whole < NUMBER && (is_zero || !(NUMBER..FRACTION).contains(&fraction));
        return if is_kept || is_measured(bytes, end) {
            Read::Kept(end)
        } else {
            Read::Person(start..end)
        };
    }
    if is_measured(bytes, first) {
        return Read::Kept(first);
    }
    let (end, count) = grouped(bytes, start, first);
    if is_name_of_host(bytes, start, end) {
        Read::Kept(end)
    } else if count >= NUMBER {
        Read::Person(start..end)
    } else {
        // The groups are looked at again one by one: the next may begin another number.
        Read::Kept(first)
    }
}

/// Returns the length of a day, a time of day, an address or a UUID at the beginning of the text.
fn known(text: &[u8]) -> Option<usize> {
    day(text)
        .or_else(|| clock(text))
        .or_else(|| address(text))
        .or_else(|| words::uuid(text))
}

/// `2026-11-27`, and what follows it is no digit.
fn day(text: &[u8]) -> Option<usize> {
    let [a, b, c, d, b'-', e, f, b'-', g, h, rest @ ..] = text else {
        return None;
    };
    let is_day = is_date(&[*a, *b, *c, *d], &[*e, *f], &[*g, *h]);
    (is_day && digits(rest) == 0).then_some(10)
}

/// `22:03`, `22:03:00`, `22:03:00.123456`.
fn clock(text: &[u8]) -> Option<usize> {
    let mut end = match digits(text) {
        length @ 1..=2 => length,
        _ => return None,
    };
    let two = |at: usize| text.get(at) == Some(&b':') && digits(&text[at + 1..]) == 2;
    if !two(end) {
        return None;
    }
    end += 3;
    if two(end) {
        end += 3;
        let fraction = text.get(end + 1..).map_or(0, digits);
        if text.get(end) == Some(&b'.') && (1..NUMBER).contains(&fraction) {
            end += 1 + fraction;
        }
    }
    Some(end)
}

/// An IPv4 address, with or without a port.
fn address(text: &[u8]) -> Option<usize> {
    let mut end = 0;
    for nth in 0..4 {
        if nth > 0 {
            if text.get(end) != Some(&b'.') {
                return None;
            }
            end += 1;
        }
        end += byte_of_address(&text[end..])?;
    }
    if text.get(end).is_some_and(u8::is_ascii_alphanumeric)
        || (text.get(end) == Some(&b'.') && digits(&text[end + 1..]) > 0)
    {
        return None;
    }
    let port = text.get(end + 1..).map_or(0, digits);
    let has_port = text.get(end) == Some(&b':') && (1..=5).contains(&port);
    Some(if has_port { end + 1 + port } else { end })
}

/// Returns the length of a number of up to 255, without zeros before it.
fn byte_of_address(text: &[u8]) -> Option<usize> {
    let length = digits(text);
    let number = std::str::from_utf8(&text[..length]).ok()?;
    let is_byte = number.parse::<u8>().is_ok() && (length == 1 || text[0] != b'0');
    is_byte.then_some(length)
}

/// Returns the end of the decimal whose digits before the point are `start..point`: two groups, and not more.
fn decimal(bytes: &[u8], start: usize, point: usize) -> Option<usize> {
    let fraction = fraction(bytes, point)?;
    let more = bytes.get(fraction) == Some(&b'.') && digits(&bytes[fraction + 1..]) > 0;
    (!more && point > start).then_some(fraction)
}

/// Returns the end of the digits after a point.
fn fraction(bytes: &[u8], point: usize) -> Option<usize> {
    if bytes.get(point) != Some(&b'.') {
        return None;
    }
    let length = digits(&bytes[point + 1..]);
    (length > 0).then_some(point + 1 + length)
}

/// Follows the groups of digits after `start..first`. Returns their end, and the number of digits.
fn grouped(bytes: &[u8], start: usize, first: usize) -> (usize, usize) {
    let mut end = first;
    let mut count = first - start;
    let by_points = bytes.get(end) == Some(&b'.');
    while let Some(next) = next_group(bytes, end, by_points) {
        let length = digits(&bytes[next..]);
        count += length;
        end = next + length;
        if bytes.get(end).is_some_and(u8::is_ascii_alphabetic) {
            break;
        }
    }
    (end, count)
}

/// Returns the start of the group of digits after `end`, if it can belong to the same number.
fn next_group(bytes: &[u8], end: usize, by_points: bool) -> Option<usize> {
    let next = end + gap(&bytes[end..], by_points)?;
    let length = digits(&bytes[next..]);
    let after = next + length;
    let is_other = length == 0
        || known(&bytes[next..]).is_some()
        || words::is_id(&bytes[next..word_end(bytes, next)])
        || has_unit(bytes, after)
        || (!by_points && fraction(bytes, after).is_some());
    (!is_other).then_some(next)
}

/// Signs between two groups, longest first. A point joins only groups that all have points between them.
const GAPS: [&str; 14] = [
    " - ", ") ", ")-", " (", "-(", "(", ")", " ", "-", "\u{a0}", "\u{2010}", "\u{2011}",
    "\u{2013}", "\u{202f}",
];

fn gap(text: &[u8], by_points: bool) -> Option<usize> {
    if by_points {
        return (text.first() == Some(&b'.')).then_some(1);
    }
    let found = GAPS.iter().find(|gap| text.starts_with(gap.as_bytes()));
    found.map(|gap| gap.len())
}

/// Units of numbers that can have ten digits.
const LONG_UNITS: [&str; 6] = ["ns", "us", "µs", "ms", "bytes", "byte"];
/// Units of shorter ones.
const UNITS: [&str; 10] = ["s", "min", "h", "d", "B", "KB", "MB", "GB", "KiB", "MiB"];

/// Returns whether such a unit follows: `12345678901 bytes`, `1234567890ns`.
fn is_measured(bytes: &[u8], end: usize) -> bool {
    LONG_UNITS.iter().any(|unit| follows(bytes, end, unit))
}

/// Returns whether any unit follows, so that the digits before it are a number of their own: `0803 123 30 s`.
fn has_unit(bytes: &[u8], end: usize) -> bool {
    is_measured(bytes, end) || UNITS.iter().any(|unit| follows(bytes, end, unit))
}

fn follows(bytes: &[u8], end: usize, unit: &str) -> bool {
    let start = end + usize::from(bytes.get(end) == Some(&b' '));
    bytes[start..]
        .strip_prefix(unit.as_bytes())
        .is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
}

/// Returns whether the digits are the address in the name of a host: `ip-10-128-113-204`.
fn is_name_of_host(bytes: &[u8], start: usize, end: usize) -> bool {
    let mut parts = bytes[start..end].split(|byte| *byte == b'-');
    let are_bytes = parts
        .by_ref()
        .take(4)
        .all(|part| byte_of_address(part).is_some_and(|length| length == part.len()));
    are_bytes && parts.next().is_none() && bytes[..start].ends_with(b"ip-")
}
