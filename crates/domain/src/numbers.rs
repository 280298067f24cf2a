//! The numbers that name a person or a company, each with its type: those of a request, and those of a record. By them all
//! verifications of a person are found.

use crate::{
    Claim, Number, Record, Request, Sensitive,
    characters::{all_digits, compact},
    number::{any_phone, registered},
    refusal::Fault,
};

/// What a number is. Its name is that of the field of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberType {
    /// Bank Verification Number.
    Bvn,
    /// National Identification Number.
    Nin,
    /// A telephone number of any country.
    Phone,
    /// The number of a driver's licence.
    License,
    /// The number of a passport.
    Passport,
    /// The number of a company.
    Company,
}

impl NumberType {
    /// All types.
    pub const ALL: [Self; 6] = [
        Self::Bvn,
        Self::Nin,
        Self::Phone,
        Self::License,
        Self::Passport,
        Self::Company,
    ];

    /// Returns the name, which is that of the field of a job.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bvn => "bvn",
            Self::Nin => "nin",
            Self::Phone => "phone",
            Self::License => "license_number",
            Self::Passport => "passport_number",
            Self::Company => "rc_number",
        }
    }

    /// Returns the type with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }

    /// Returns a number in the one form in which it is compared; `None` if it is not of this type. A number may be written with
    /// or without blanks, hyphens, its country code, or its register of companies.
    fn normalised(self, text: &str) -> Option<String> {
        match self {
            Self::Bvn => Number::bvn(text).ok().map(|bvn| bvn.expose().to_owned()),
            Self::Nin => Number::nin(text).ok().map(|nin| nin.expose().to_owned()),
            Self::Phone => any_phone(text),
            // Whatever was allowed of their form when the job was accepted.
            Self::License | Self::Passport => {
                let mut letters = compact(text);
                letters.retain(|c| c.is_ascii_alphanumeric());
                (1..=64).contains(&letters.len()).then_some(letters)
            }
            Self::Company => {
                let (_, digits) = registered(text);
                let digits = digits.trim_start_matches('0');
                all_digits(digits).then(|| digits.to_owned())
            }
        }
    }
}

/// A number with its type, normalised. It is personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedNumber {
    of: NumberType,
    text: Sensitive<String>,
}

impl TypedNumber {
    /// Normalises a number, in any form in which it is written.
    pub fn parse(of: NumberType, text: &str) -> Result<Self, Fault> {
        Self::read(of, text).ok_or_else(|| {
            Fault::new(
                format!("is not a number of the type {}", of.name()),
                "write it as in a job",
            )
        })
    }

    fn read(of: NumberType, text: &str) -> Option<Self> {
        let text = Sensitive::new(of.normalised(text)?);
        Some(Self { of, text })
    }

    /// Returns its type.
    pub fn of(&self) -> NumberType {
        self.of
    }

    /// Returns the number. It is personal data.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

impl Request {
    /// Returns the number of the subject, and those that are claimed, each once.
    pub fn numbers(&self) -> Vec<TypedNumber> {
        let subject = NumberType::named(self.subject.field)
            .and_then(|of| TypedNumber::read(of, &self.subject.number.written()));
        let claimed = [
            (NumberType::Nin, Claim::Nin),
            (NumberType::Phone, Claim::Phone),
        ];
        let claimed = claimed
            .into_iter()
            .filter_map(|(of, claim)| TypedNumber::read(of, self.claims.get(claim)?));
        each_once(subject.into_iter().chain(claimed))
    }
}

impl Record {
    /// Returns the numbers of a person or a company, each once. What the provider writes in another form, such as a masked
    /// number, is left out.
    pub fn numbers(&self) -> Vec<TypedNumber> {
        let read = |of, text: &Option<String>| TypedNumber::read(of, text.as_deref()?);
        match self {
            Self::Person(person) => {
                let phones = person
                    .phones
                    .iter()
                    .filter_map(|phone| TypedNumber::read(NumberType::Phone, phone));
                let bvn = read(NumberType::Bvn, &person.bvn);
                let nin = read(NumberType::Nin, &person.nin);
                each_once(bvn.into_iter().chain(nin).chain(phones))
            }
            Self::Company(company) => {
                each_once(read(NumberType::Company, &company.number).into_iter())
            }
        }
    }
}

fn each_once(numbers: impl Iterator<Item = TypedNumber>) -> Vec<TypedNumber> {
    let mut all = Vec::new();
    for number in numbers {
        if !all.contains(&number) {
            all.push(number);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Company, Person};

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        for (of, texts, form) in [
            ("bvn", &["22212345678", "222 1234 5678"][..], "22212345678"),
            ("nin", &["12345678901", "1234-567-8901"], "12345678901"),
            (
                "phone",
                &[
                    "08031234567",
                    "+234 803 123 4567",
                    "2348031234567",
                    "8031234567",
                ],
                "08031234567",
            ),
            (
                "phone",
                &["+44 7700 900123", "0044 7700-900123"],
                "447700900123",
            ),
            (
                "license_number",
                &["abc12345aa00", "ABC-12345-AA00"],
                "ABC12345AA00",
            ),
            (
                "passport_number",
                &["a01234567", "A 0123 4567"],
                "A01234567",
            ),
            ("rc_number", &["613", "RC 613", "BN0613"], "613"),
        ] {
            let of = NumberType::named(of).unwrap();
            for text in texts {
                let number = TypedNumber::parse(of, text).unwrap();
                assert_eq!(number.expose(), form, "{}", of.name());
            }
        }
        for (of, text) in [
            ("bvn", "2221234567"),
            ("nin", ""),
            ("phone", "none"),
            ("license_number", "--"),
            ("rc_number", "RC"),
        ] {
            let of = NumberType::named(of).unwrap();
            let fault = TypedNumber::parse(of, text).unwrap_err();
            assert!(fault.problem.contains(of.name()), "{}", of.name());
        }
    }

    #[test]
    fn a_record_tells_its_numbers_each_once() {
        let person = Person {
            bvn: Some("22212345678".into()),
            nin: Some("****5678901".into()),
            phones: vec!["08031234567".into(), "+2348031234567".into(), "-".into()],
            ..Person::default()
        };
        let all = Record::Person(Box::new(person)).numbers();
        let all: Vec<_> = all
            .iter()
            .map(|number| (number.of().name(), number.expose()))
            .collect();
        assert_eq!(all, [("bvn", "22212345678"), ("phone", "08031234567")]);
        let company = Company {
            number: Some("RC0613".into()),
            ..Company::default()
        };
        let all = Record::Company(Box::new(company)).numbers();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].of().name(), all[0].expose()), ("rc_number", "613"));
    }
}
