//! Letters and digits that are confused when a number is copied from a document.
//!
//! They are reported and never corrected silently, because only a person with the document can decide.

use crate::{characters::all_digits, refusal::Fault};

/// Returns the digit that this letter is confused with.
fn digit_for(letter: char) -> Option<char> {
    Some(match letter {
        'O' | 'Q' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'B' => '8',
        _ => return None,
    })
}

/// Returns the letter that this digit is confused with.
fn letter_for(digit: char) -> Option<char> {
    Some(match digit {
        '0' => 'O',
        '1' => 'I',
        '2' => 'Z',
        '5' => 'S',
        '8' => 'B',
        _ => return None,
    })
}

/// Returns the fault of a number of `count` digits in which letters stand for digits.
pub(super) fn at_digits(compact: &str, count: usize) -> Option<Fault> {
    close(compact, &format!("{count} digits"), |_| true)
        .filter(|_| compact.chars().count() == count)
}

/// Returns the fault of a passport number in which letters stand for digits after the first character.
pub(super) fn at_passport(compact: &str) -> Option<Fault> {
    let fits = compact.chars().count() == 9;
    close(compact, "a passport number", |nth| nth > 0).filter(|_| fits)
}

/// Returns the fault of a licence number in which digits stand for one of the first three letters.
pub(super) fn at_licence(compact: &str) -> Option<Fault> {
    let mut front = compact.chars().take(3).enumerate();
    let fits =
        (9..=15).contains(&compact.len()) && compact.bytes().all(|b| b.is_ascii_alphanumeric());
    let (nth, digit) = front.find(|(_, c)| c.is_ascii_digit()).filter(|_| fits)?;
    let mut letters = compact.chars().take(3);
    letters
        .all(|c| c.is_ascii_uppercase() || letter_for(c).is_some())
        .then(|| {
            fault(
                "a driver's licence number",
                nth,
                "digit",
                digit,
                "letter",
                letter_for(digit),
            )
        })
}

/// Returns the fault of the first confused letter, if the text is valid once such letters are read as digits.
fn close(compact: &str, what: &str, is_digit: impl Fn(usize) -> bool) -> Option<Fault> {
    let mut first = None;
    let read: Option<String> = compact
        .chars()
        .enumerate()
        .map(|(nth, c)| match digit_for(c) {
            Some(digit) if is_digit(nth) => {
                first = first.or(Some((nth, c, digit)));
                Some(digit)
            }
            _ if is_digit(nth) => c.is_ascii_digit().then_some(c),
            _ => c.is_ascii_uppercase().then_some('0'),
        })
        .collect();
    let (nth, letter, digit) = first?;
    read.filter(|read| all_digits(read))
        .map(|_| fault(what, nth, "letter", letter, "digit", Some(digit)))
}

fn fault(
    what: &str,
    nth: usize,
    found: &str,
    is: char,
    wanted: &str,
    meant: Option<char>,
) -> Fault {
    let meant = meant.map_or_else(String::new, |meant| {
        format!(", perhaps instead of the {wanted} {meant}")
    });
    Fault::new(
        format!(
            "looks like {what}, but character {} is the {found} {is}{meant}",
            nth + 1
        ),
        format!("write the {wanted} that is on the document"),
    )
}
