//! Checks that a record is about the requested number.
//!
//! A cache, a proxy or a mistake of the provider can return the record of another person. A number that the record leaves blank,
//! masks, or writes in another form proves nothing.

use crate::{Number, Record, characters::is_stray, number::registered};

/// Whether a record is about the requested number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The record has the requested number.
    Same,
    /// The record has another number.
    Another,
    /// The record has no number, or none that can be compared.
    Untold,
}

/// Compares a number of digits, such as a BVN.
///
/// One digit may be missing, because leading zeros get lost. A number of any other length cannot be compared.
pub fn of_digits(requested: &Number, recorded: Option<&str>) -> Identity {
    let Some(recorded) = recorded.map(plain) else {
        return Identity::Untold;
    };
    let recorded = recorded.strip_suffix(".0").unwrap_or(&recorded);
    let requested = requested.expose();
    if let Some(known) = masked(requested, recorded) {
        return known;
    }
    let is_number = recorded.bytes().all(|byte| byte.is_ascii_digit())
        && recorded.bytes().any(|byte| byte != b'0')
        && (requested.len() - 1..=requested.len()).contains(&recorded.len());
    match is_number {
        true if recorded.trim_start_matches('0') == requested.trim_start_matches('0') => {
            Identity::Same
        }
        true => Identity::Another,
        false => Identity::Untold,
    }
}

/// Compares the number of a document, which has letters and digits. The letters in front may be missing.
pub fn of_document(requested: &Number, recorded: Option<&str>) -> Identity {
    let letters = |text: &str| -> String {
        let kept = text
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '*');
        kept.map(|c| c.to_ascii_uppercase()).collect()
    };
    let (requested, recorded) = (
        letters(requested.expose()),
        letters(&recorded.map(plain).unwrap_or_default()),
    );
    if let Some(known) = masked(&requested, &recorded) {
        return known;
    }
    let digits = recorded.bytes().filter(u8::is_ascii_digit).count();
    if digits < 4
        || recorded
            .bytes()
            .filter(u8::is_ascii_digit)
            .all(|byte| byte == b'0')
    {
        return Identity::Untold;
    }
    let bare = |text: &str| {
        text.trim_start_matches(|c: char| c.is_ascii_uppercase())
            .to_owned()
    };
    if requested == recorded || bare(&requested) == recorded || requested == bare(&recorded) {
        Identity::Same
    } else {
        Identity::Another
    }
}

/// Compares the number of a company. If both numbers name a register and the registers differ, the companies differ.
pub fn of_company(requested: &Number, recorded: Option<&str>) -> Identity {
    let (register, digits) = registered(&recorded.map(plain).unwrap_or_default());
    let (requested_register, requested) = registered(&requested.written());
    let is_number =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.bytes().any(|byte| byte != b'0');
    if !is_number || digits.len() > 12 {
        return Identity::Untold;
    }
    let same_register =
        register.is_empty() || requested_register.is_empty() || register == requested_register;
    if same_register && digits.trim_start_matches('0') == requested.trim_start_matches('0') {
        Identity::Same
    } else {
        Identity::Another
    }
}

fn plain(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-' && !is_stray(*c));
    kept.collect()
}

/// Compares a number that is partly masked. Its visible part can show that it is another number, but not that it is the same.
///
/// Returns `None` if the number is not masked.
fn masked(requested: &str, recorded: &str) -> Option<Identity> {
    let is_mask = |c: char| matches!(c, '*' | '#' | '•' | 'x' | 'X');
    let hidden = recorded.chars().filter(|c| is_mask(*c)).count();
    if hidden < 2 {
        return None;
    }
    let differs = |(requested, recorded): (char, char)| {
        !is_mask(recorded) && !requested.eq_ignore_ascii_case(&recorded)
    };
    let same_length = requested.chars().count() == recorded.chars().count();
    let is_another = same_length && requested.chars().zip(recorded.chars()).any(differs);
    Some(if is_another {
        Identity::Another
    } else {
        Identity::Untold
    })
}

impl Record {
    /// Whether the record contains only the requested number: such a record is about nobody.
    pub fn tells_only_its_number(&self) -> bool {
        let mut rest = self.clone();
        match &mut rest {
            Self::Person(person) => {
                (person.bvn, person.nin, person.document_number) = (None, None, None);
                person.phones.clear();
                **person == crate::Person::default()
            }
            Self::Company(company) => {
                company.number = None;
                **company == crate::Company::default()
            }
        }
    }
}

impl Record {
    /// Whether the record has a name or a date of birth. A record without both is about nobody, or has an unknown structure.
    pub fn names_somebody(&self) -> bool {
        let is_name = |text: &Option<String>| text.as_deref().is_some_and(|text| !is_filler(text));
        match self {
            Self::Person(person) => {
                let names = [
                    &person.first_name,
                    &person.middle_name,
                    &person.last_name,
                    &person.maiden_name,
                ];
                names.into_iter().any(is_name)
                    || person
                        .date_of_birth
                        .as_ref()
                        .is_some_and(|date| date.date.is_some())
            }
            Self::Company(company) => is_name(&company.name),
        }
    }
}

/// Whether the text is a filler for an empty field.
fn is_filler(text: &str) -> bool {
    let text = text.trim();
    let has_letter = text.chars().any(char::is_alphabetic);
    !has_letter
        || ["n/a", "nil", "null", "none", "not available"]
            .iter()
            .any(|filler| text.eq_ignore_ascii_case(filler))
}

#[cfg(test)]
mod tests {
    use Identity::{Another, Same, Untold};

    use super::*;
    use crate::number::Validation;

    #[test]
    fn numbers_of_digits() {
        let requested = Number::nin("01234567890").unwrap();
        for (recorded, is) in [
            ("01234567890", Same),
            ("1234567890", Same),
            (" 0123-456 7890 ", Same),
            ("1234567890.0", Same),
            ("12345678901", Another),
            ("2345678901", Another),
            ("", Untold),
            ("N/A", Untold),
            ("0", Untold),
            ("00000000000", Untold),
            ("1.23E+9", Untold),
            ("012*****890", Untold),
            ("***********", Untold),
            ("XXXXXXXXXXX", Untold),
            ("*******7891", Another),
            ("***7891", Untold),
            ("AA123456789012AA", Untold),
            ("S7Y0OLG5MVT0OI2", Untold),
            ("12345", Untold),
        ] {
            assert_eq!(of_digits(&requested, Some(recorded)), is, "{recorded}");
        }
        assert_eq!(of_digits(&requested, None), Untold);
    }

    #[test]
    fn numbers_of_documents() {
        let requested = Number::passport("A01234567", Validation::Strict).unwrap();
        for (recorded, is) in [
            ("a 0123 4567", Same),
            ("A-01234567", Same),
            ("01234567", Same),
            ("A01234568", Another),
            ("B01234567", Another),
            ("A0****567", Untold),
            ("A0****568", Another),
            ("NIL", Untold),
            ("", Untold),
        ] {
            assert_eq!(of_document(&requested, Some(recorded)), is, "{recorded}");
        }
    }

    #[test]
    fn numbers_of_companies() {
        for (requested, recorded, is) in [
            ("RC 613", "613", Same),
            ("613", "RC0000613", Same),
            ("RC613", "RC: 613", Same),
            ("613", "BN613", Same),
            ("BN613", "RC613", Another),
            ("RC613", "BN 613", Another),
            ("613", "614", Another),
            ("613", "", Untold),
            ("613", "0", Untold),
            ("613", "N/A", Untold),
        ] {
            let requested = Number::company(requested).unwrap();
            assert_eq!(
                of_company(&requested, Some(recorded)),
                is,
                "{requested:?} {recorded}"
            );
        }
    }

    #[test]
    fn a_record_of_nobody() {
        use crate::{Company, Person};

        let person = |person: Person| Record::Person(Box::new(person)).tells_only_its_number();
        assert!(person(Person {
            bvn: Some("22200000000".to_owned()),
            ..Person::default()
        }));
        assert!(!person(Person {
            last_name: Some("Obi".to_owned()),
            ..Person::default()
        }));
        let number = Some("613".to_owned());
        assert!(
            Record::Company(Box::new(Company {
                number,
                ..Company::default()
            }))
            .tells_only_its_number()
        );
    }
}
