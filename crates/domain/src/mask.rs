//! Masks personal data for display: enough remains to recognise a known value, and no more.

use crate::{Claim, Record, Sensitive};

/// Replaces the rest of a word. It has a fixed length, so that it does not reveal the length of the word.
const REST: &str = "***";

impl Claim {
    /// Masks a value of this field, claimed or from a record.
    ///
    /// The result has the first letter of each word of a name, the year of a date, the last three digits of a number, and
    /// nothing of an address.
    pub fn masked(self, value: &str) -> String {
        match self {
            Self::FirstName | Self::MiddleName | Self::LastName | Self::CompanyName => words(value),
            Self::DateOfBirth | Self::ExpiryDate => year(value),
            Self::Phone | Self::Nin => Sensitive::from(value).masked(),
            Self::Email => value.split_once('@').map_or_else(
                || REST.to_owned(),
                |(name, _)| format!("{}@{REST}", words(name)),
            ),
            Self::Gender | Self::Address => REST.to_owned(),
        }
    }
}

fn words(text: &str) -> String {
    let masked = text.split_whitespace().map(|word| {
        let mut letters = word.chars().filter(|c| c.is_alphanumeric());
        match (letters.next(), letters.next()) {
            (Some(first), Some(_)) => format!("{first}{REST}"),
            // The first letter would be the whole word.
            (Some(_), None) => REST.to_owned(),
            (None, _) => word.to_owned(),
        }
    });
    masked.collect::<Vec<_>>().join(" ")
}

/// Finds the year of a date in any form: four digits that can be a year.
fn year(text: &str) -> String {
    let is_year =
        |part: &&str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    text.split(|c: char| !c.is_ascii_digit())
        .find(is_year)
        .map_or_else(|| REST.to_owned(), |year| format!("{year}-**-**"))
}

impl Record {
    /// Returns the record's values of a field, as the provider writes them. The result is personal data.
    pub fn says(&self, claim: Claim) -> Vec<&str> {
        fn one(text: &Option<String>) -> Vec<&str> {
            text.as_deref().into_iter().collect()
        }
        match (self, claim) {
            (Self::Person(person), Claim::FirstName) => one(&person.first_name),
            (Self::Person(person), Claim::MiddleName) => one(&person.middle_name),
            (Self::Person(person), Claim::LastName) => one(&person.last_name),
            (Self::Person(person), Claim::Gender) => one(&person.gender),
            (Self::Person(person), Claim::Nin) => one(&person.nin),
            (Self::Person(person), Claim::Email) => one(&person.email),
            (Self::Person(person), Claim::Phone) => {
                person.phones.iter().map(String::as_str).collect()
            }
            (Self::Person(person), Claim::DateOfBirth | Claim::ExpiryDate) => {
                let date = match claim {
                    Claim::DateOfBirth => &person.date_of_birth,
                    _ => &person.expiry_date,
                };
                date.iter().map(|date| date.raw.as_str()).collect()
            }
            (Self::Company(company), Claim::CompanyName) => one(&company.name),
            (Self::Company(company), Claim::Address) => one(&company.address),
            (Self::Company(company), Claim::Email) => one(&company.email),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_what_it_says_and_no_length() {
        for (claim, value, shown) in [
            (Claim::FirstName, "Ọlá", "Ọ***"),
            (Claim::LastName, "Taiwo Bello", "T*** B***"),
            (Claim::LastName, "", ""),
            (Claim::LastName, "A", "***"),
            (Claim::DateOfBirth, "0803 1234", "***"),
            (Claim::CompanyName, "Fahey & Sons", "F*** & S***"),
            (Claim::DateOfBirth, "1986-01-20", "1986-**-**"),
            (Claim::DateOfBirth, "01-Jan-2000", "2000-**-**"),
            (Claim::ExpiryDate, "20/01/86", "***"),
            (Claim::Phone, "08031234567", "********567"),
            (Claim::Nin, "12345678901", "********901"),
            (Claim::Email, "ada.obi@example.com", "a***@***"),
            (Claim::Email, "nonsense", "***"),
            (Claim::Gender, "female", "***"),
            (Claim::Address, "1 Broad Street, Lagos", "***"),
        ] {
            assert_eq!(claim.masked(value), shown);
        }
    }
}
