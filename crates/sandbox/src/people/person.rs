//! Generates persons from their numbers.

use jiff::{
    ToSpan as _,
    civil::{Date, date},
};

use super::{
    dice::Dice,
    names::{Names, PEOPLES, People},
    places::{PLACES, Place, STREETS},
};
use crate::{
    case::{Case, Twist},
    kind::Kind,
};

/// The first four digits of Nigerian mobile numbers.
static MOBILE: [&str; 16] = [
    "0701", "0703", "0705", "0706", "0708", "0803", "0805", "0806", "0807", "0810", "0813", "0816",
    "0901", "0903", "0905", "0915",
];

static PROFESSIONS: [&str; 12] = [
    "Accountant",
    "Carpenter",
    "Civil Servant",
    "Driver",
    "Electrician",
    "Engineer",
    "Farmer",
    "Nurse",
    "Pharmacist",
    "Tailor",
    "Teacher",
    "Trader",
];

/// A synthetic person.
pub(crate) struct Person {
    pub(crate) gender: Gender,
    pub(crate) first_name: &'static str,
    pub(crate) middle_name: &'static str,
    pub(crate) last_name: &'static str,
    /// The name before marriage. Empty if there is none.
    pub(crate) maiden_name: &'static str,
    pub(crate) born: Date,
    pub(crate) language: &'static str,
    pub(crate) religion: &'static str,
    pub(crate) marital_status: &'static str,
    pub(crate) education: &'static str,
    pub(crate) employment: &'static str,
    pub(crate) profession: &'static str,
    pub(crate) origin: Place,
    pub(crate) home: Place,
    pub(crate) address: String,
    pub(crate) kin: Kin,
    pub(crate) phone: String,
    pub(crate) other_phone: String,
    pub(crate) email: String,
    pub(crate) bvn: String,
    pub(crate) nin: String,
    /// The date of the registration, licence or passport.
    pub(crate) issued: Date,
    /// The index of their portrait, modulo the number of portraits.
    pub(crate) portrait: usize,
}

/// A person's next of kin, with the same last name.
pub(crate) struct Kin {
    pub(crate) first_name: &'static str,
    pub(crate) home: Place,
    pub(crate) address: String,
}

/// A person's gender, which determines the first names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gender {
    Female,
    Male,
}

impl Gender {
    /// Returns the value for this gender.
    pub(crate) const fn choose<T: Copy>(self, female: T, male: T) -> T {
        match self {
            Self::Female => female,
            Self::Male => male,
        }
    }
}

impl Person {
    /// Returns the person with this number. The case of the number determines the form of the names.
    pub(crate) fn of(kind: Kind, number: &str) -> Self {
        let dice = &mut Dice::of(kind, number);
        let people: &People = dice.pick(&PEOPLES);
        let mut person = Self::drawn(dice, people);
        match kind {
            Kind::Bvn => person.bvn = number.to_owned(),
            Kind::Nin => person.nin = number.to_owned(),
            Kind::NinPhone => person.phone = kind.canonical(number),
            Kind::Cac | Kind::DriversLicense | Kind::Passport => {}
        }
        if Case::of(number).twist() == Twist::Diacritics {
            person.rename(dice, &people.marked);
        }
        person
    }

    /// Returns whether the names, without regard to case and outer spaces, and the date of birth are those of this
    /// person.
    pub(crate) fn is(&self, first_name: &str, last_name: &str, born: &str) -> bool {
        let same = |claimed: &str, name: &str| claimed.trim().to_lowercase() == name.to_lowercase();
        same(first_name, self.first_name)
            && same(last_name, self.last_name)
            && born == self.born.to_string()
    }

    /// Returns the expiry date of a licence, five years after it was issued.
    pub(crate) fn license_expires(&self) -> Date {
        self.issued.saturating_add(5.years())
    }

    /// Returns the expiry date of a passport, ten years after it was issued.
    pub(crate) fn passport_expires(&self) -> Date {
        self.issued.saturating_add(10.years())
    }

    fn drawn(dice: &mut Dice, people: &'static People) -> Self {
        let gender = dice.pick(&[Gender::Female, Gender::Male]);
        let names = &people.plain;
        let (first_name, middle_name) = dice.pick_two(gender.choose(names.female, names.male));
        let (last_name, other_last_name) = dice.pick_two(names.last);
        let marital_status = dice.pick(&["single", "married"]);
        let bride = gender == Gender::Female && marital_status == "married";
        let home = dice.pick(&PLACES);
        Self {
            gender,
            first_name,
            middle_name,
            last_name,
            maiden_name: if bride { other_last_name } else { "" },
            born: day(dice, 1955, 2004),
            language: people.language,
            religion: dice.pick(people.religions),
            marital_status,
            education: dice.pick(&["primary", "secondary", "tertiary"]),
            employment: dice.pick(&["employed", "self employed"]),
            profession: dice.pick(&PROFESSIONS),
            origin: dice.pick(&PLACES),
            home,
            address: address(dice, &home),
            kin: kin(dice, gender.choose(names.male, names.female)),
            phone: phone(dice),
            other_phone: phone(dice),
            email: email(dice, first_name, last_name),
            // Other numbers in a record select the case `000`, so that calls for them give a record.
            bvn: format!("22{}000", dice.digits(6)),
            nin: format!("{}{}000", dice.between(1, 9), dice.digits(7)),
            issued: day(dice, 2022, 2025),
            portrait: dice.below(u32::from(u16::MAX)) as usize,
        }
    }

    fn rename(&mut self, dice: &mut Dice, names: &'static Names) {
        let (first_name, middle_name) = dice.pick_two(self.gender.choose(names.female, names.male));
        self.first_name = first_name;
        self.middle_name = middle_name;
        self.last_name = dice.pick(names.last);
    }
}

/// Returns a day in the years from `first` to `last`, both included.
pub(super) fn day(dice: &mut Dice, first: i16, last: i16) -> Date {
    // Every month has at least 28 days, so every choice is a valid date.
    date(
        dice.between(first, last),
        dice.between(1, 12) as i8,
        dice.between(1, 28) as i8,
    )
}

fn email(dice: &mut Dice, first_name: &str, last_name: &str) -> String {
    let name = format!("{first_name}.{last_name}").to_ascii_lowercase();
    let number = dice.between(1, 99);
    format!(
        "{name}{number}@example.{}",
        dice.pick(&["com", "net", "org"])
    )
}

fn address(dice: &mut Dice, place: &Place) -> String {
    format!(
        "{} {}, {}",
        dice.between(1, 180),
        dice.pick(&STREETS),
        place.town
    )
}

fn kin(dice: &mut Dice, first_names: &'static [&'static str]) -> Kin {
    let home = dice.pick(&PLACES);
    Kin {
        first_name: dice.pick(first_names),
        home,
        address: address(dice, &home),
    }
}

fn phone(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&MOBILE), dice.digits(7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_always_the_same_person() {
        let person = Person::of(Kind::Bvn, "22200000000");
        let again = Person::of(Kind::Bvn, "22200000000");
        assert_eq!(
            (person.first_name, &person.phone),
            (again.first_name, &again.phone)
        );
        let spelled = Person::of(Kind::NinPhone, "+234 803 123 4000");
        assert_eq!(spelled.phone, "08031234000");
        assert_eq!(spelled.nin, Person::of(Kind::NinPhone, "08031234000").nin);
    }

    #[test]
    fn numbers_in_a_record_have_the_right_length() {
        for number in 0..500 {
            let person = Person::of(Kind::DriversLicense, &format!("ABC{number:05}000"));
            assert_eq!((person.bvn.len(), person.nin.len()), (11, 11));
            assert_eq!((person.phone.len(), person.other_phone.len()), (11, 11));
            assert_ne!(person.first_name, person.middle_name);
        }
    }

    #[test]
    fn only_case_061_marks_names() {
        let marked = Person::of(Kind::Nin, "12345678061");
        assert!(!marked.first_name.is_ascii() || marked.first_name.contains('\''));
        assert!(marked.email.is_ascii());
        assert!(Person::of(Kind::Nin, "12345678000").first_name.is_ascii());
    }
}
