//! The numbers that can be verified: parsed once on input, normalised, and never printed completely.
//!
//! Sources of the rules: BVN and NIN have 11 digits (NIBSS, NIMC). Nigerian mobile numbers follow the NCC's numbering plan.
//! Licence and passport numbers have the forms that are printed on the documents. The provider's own samples break the last two
//! rules, hence [`Validation::Lenient`].

use std::fmt;

use crate::{
    Sensitive,
    characters::{all_digits, compact, is_stray},
    refusal::Fault,
};

mod slips;

/// How strictly the form of a number is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Validation {
    /// The number must have the form of the document.
    #[default]
    Strict,
    /// Licence and passport numbers may be any text that is safe in a path.
    Lenient,
}

/// A normalised number, with a label that says what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Number {
    label: &'static str,
    text: Sensitive<String>,
    /// The register of companies that precedes the number, or an empty text.
    register: &'static str,
}

impl Number {
    fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self {
            label,
            text: Sensitive::new(text.into()),
            register: "",
        }
    }

    /// Returns the number with the register in front, such as `BN613`. The same number in another register belongs to another
    /// company. The result is personal data.
    pub fn written(&self) -> String {
        format!("{}{}", self.register, self.text.expose())
    }

    /// Returns the number. It is personal data.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Returns the number for display: masked except for the last three characters.
    pub fn masked(&self) -> String {
        self.text.masked()
    }

    /// Parses a Bank Verification Number: 11 digits.
    pub fn bvn(text: &str) -> Result<Self, Fault> {
        eleven_digits(text, "BVN").map(|digits| Self::new("Bvn", digits))
    }

    /// Parses a National Identification Number: 11 digits. A virtual NIN is refused, because the provider accepts none.
    pub fn nin(text: &str) -> Result<Self, Fault> {
        let compact = compact(text);
        let inner = compact
            .strip_prefix("AA")
            .and_then(|rest| rest.strip_suffix("AA"));
        if inner.is_some_and(|digits| digits.len() == 12 && all_digits(digits)) {
            return Err(Fault::new(
                "is a virtual NIN",
                "use the 11-digit NIN: the provider cannot verify virtual NINs",
            ));
        }
        eleven_digits(text, "NIN").map(|digits| Self::new("Nin", digits))
    }

    /// Parses a Nigerian mobile number in any usual form. The result has eleven digits and begins with 0.
    pub fn phone(text: &str) -> Result<Self, Fault> {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')' | '.' | '+'))
            .filter(|c| !is_stray(*c))
            .collect();
        let national = digits
            .strip_prefix("00234")
            .or_else(|| digits.strip_prefix("234"))
            .unwrap_or(&digits);
        let national = national.strip_prefix('0').unwrap_or(national);
        if national.len() == 10 && all_digits(national) && is_mobile(national) {
            return Ok(Self::new("Phone", format!("0{national}")));
        }
        Err(Fault::new(
            "is not a Nigerian mobile number",
            "write it like 0803 123 4567 or +234 803 123 4567",
        ))
    }

    /// Parses the registration number of a company: 1 to 10 digits, with or without the register in front, in any printed form:
    /// `RC 613`, `RC: 1234567`, `CAC/IT/NO 12345`. The provider takes only the digits. Leading zeros are preserved.
    pub fn company(text: &str) -> Result<Self, Fault> {
        let (register, digits) = registered(text);
        if (1..=10).contains(&digits.len()) && all_digits(&digits) {
            let number = Self::new("Company", digits);
            return Ok(Self { register, ..number });
        }
        Err(Fault::new(
            "is not a registration number",
            "write 1 to 10 digits, with or without RC, BN, IT, LP or LLP in front",
        ))
    }

    /// Parses the number of a driver's licence: three letters, then 6 to 12 letters or digits.
    pub fn licence(text: &str, validation: Validation) -> Result<Self, Fault> {
        let compact = compact(text);
        let strict = compact.len() > 8
            && compact.len() <= 15
            && compact.is_char_boundary(3)
            && compact[..3].bytes().all(|b| b.is_ascii_uppercase())
            && compact
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if strict {
            return Ok(Self::new("Licence", compact));
        }
        if let Some(slip) = slips::at_licence(&compact) {
            return lenient("Licence", text, validation).ok_or(slip);
        }
        lenient("Licence", text, validation).ok_or_else(|| {
            Fault::new(
                "is not a driver's licence number",
                "write three letters and then 6 to 12 letters or digits, like ABC12345AA00",
            )
        })
    }

    /// Parses the number of a Nigerian passport: a letter and 8 digits.
    pub fn passport(text: &str, validation: Validation) -> Result<Self, Fault> {
        let compact = compact(text);
        let strict = compact.len() == 9
            && compact.as_bytes()[0].is_ascii_uppercase()
            && all_digits(&compact[1..]);
        if strict {
            return Ok(Self::new("Passport", compact));
        }
        if let Some(slip) = slips::at_passport(&compact) {
            return lenient("Passport", text, validation).ok_or(slip);
        }
        lenient("Passport", text, validation).ok_or_else(|| {
            Fault::new(
                "is not a Nigerian passport number",
                "write a letter and 8 digits, like A01234567",
            )
        })
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.label, self.masked())
    }
}

/// Splits a number into the register in front of it, which may be empty, and the rest.
pub(crate) fn registered(text: &str) -> (&'static str, String) {
    let sign = |c: &char| matches!(c, ':' | '.' | '/' | '#' | ',');
    let compact: String = compact(text).chars().filter(|c| !sign(c)).collect();
    let rest = compact.strip_prefix("CAC").unwrap_or(&compact);
    let found = ["LLP", "RC", "BN", "IT", "LP"]
        .into_iter()
        .find_map(|register| Some((register, rest.strip_prefix(register)?)));
    let (register, rest) = found.unwrap_or(("", rest));
    let number = ["NUMBER", "NO"]
        .iter()
        .find_map(|word| rest.strip_prefix(word));
    (register, number.unwrap_or(rest).to_owned())
}

/// Normalises a telephone number of any country: a Nigerian one begins with 0, any other with its country code.
///
/// Returns `None` if the text has too few or too many digits, or other characters.
pub(crate) fn any_phone(text: &str) -> Option<String> {
    if let Ok(mobile) = Number::phone(text) {
        return Some(mobile.expose().to_owned());
    }
    let sign =
        |c: char| c.is_whitespace() || is_stray(c) || matches!(c, '-' | '(' | ')' | '.' | '/');
    let plain: String = text.chars().filter(|c| !sign(*c)).collect();
    let digits = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"));
    let is_foreign = digits.is_some();
    let digits = digits.unwrap_or(&plain);
    if !all_digits(digits) || !(7..=15).contains(&digits.len()) {
        return None;
    }
    match digits.strip_prefix("234") {
        Some(national) if is_foreign || digits.len() > 10 => {
            Some(format!("0{}", national.trim_start_matches('0')))
        }
        _ => Some(digits.to_owned()),
    }
}

fn eleven_digits(text: &str, what: &str) -> Result<String, Fault> {
    let compact = compact(text);
    if all_digits(&compact) && compact.len() == 11 {
        return Ok(compact);
    }
    if let Some(slip) = slips::at_digits(&compact, 11) {
        return Err(slip);
    }
    let problem = if all_digits(&compact) {
        format!("has {} digits instead of 11", compact.len())
    } else {
        "has characters that are not digits".to_owned()
    };
    Err(Fault::new(
        problem,
        format!("write the 11 digits of the {what} in quotation marks"),
    ))
}

/// Accepts any path-safe text of at most 64 characters, if the validation is lenient.
fn lenient(label: &'static str, text: &str, validation: Validation) -> Option<Number> {
    let text = text.trim();
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b' ' | b'.');
    let passes = validation == Validation::Lenient
        && (1..=64).contains(&text.len())
        && text.bytes().all(safe)
        && text.bytes().any(|b| b.is_ascii_alphanumeric());
    passes.then(|| Number::new(label, text))
}

/// Whether a national number of 10 digits is in one of the NCC's mobile ranges:
/// `(?:702[0-24-9]|819[01])\d{6}|(?:7(?:0[13-9]|[12]\d)|8(?:0[1-9]|1[0-8])|9(?:0[1-9]|1[1-6]))\d{7}`.
fn is_mobile(national: &str) -> bool {
    match national.as_bytes() {
        [b'7', b'0', b'2', last, ..] => *last != b'3',
        [b'8', b'1', b'9', last, ..] => matches!(last, b'0' | b'1'),
        [b'7', b'0', third, ..] => matches!(third, b'1' | b'3'..=b'9'),
        [b'7', b'1' | b'2', ..] => true,
        [b'8', b'0', third, ..] => matches!(third, b'1'..=b'9'),
        [b'8', b'1', third, ..] => matches!(third, b'0'..=b'8'),
        [b'9', b'0', third, ..] => matches!(third, b'1'..=b'9'),
        [b'9', b'1', third, ..] => matches!(third, b'1'..=b'6'),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
