//! Letters and digits that are taken for each other when a number is read off a document. They are told, and never repaired
//! in silence: who writes the number knows better.

use crate::{characters::all_digits, refusal::Fault};

/// A letter that stands where a digit should, and that digit.
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

/// A digit that stands where a letter should, and that letter.
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

/// So many digits, but for letters that look like some.
pub(super) fn at_digits(compact: &str, count: usize) -> Option<Fault> {
    close(compact, "digits", |_| true).filter(|_| compact.chars().count() == count)
}

/// A letter and digits.
pub(super) fn at_passport(compact: &str) -> Option<Fault> {
    let fits = compact.chars().count() == 9;
    close(compact, "a passport number", |nth| nth > 0).filter(|_| fits)
}

/// Three letters in front; what follows may be either.
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

/// Where the text is what is meant once its letters are read as digits, in the places of digits.
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
    stands: &str,
    is: char,
    wanted: &str,
    meant: Option<char>,
) -> Fault {
    let meant = meant.map_or_else(String::new, |meant| {
        format!(", perhaps for the {wanted} {meant}")
    });
    Fault::new(
        format!(
            "is close to {what}: as character {} it has the {stands} {is}{meant}",
            nth + 1
        ),
        format!("write the {wanted} that stands on the document"),
    )
}
