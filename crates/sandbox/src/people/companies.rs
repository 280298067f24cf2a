//! Generates companies from their registration numbers.

use jiff::civil::Date;

use super::{
    dice::Dice,
    person::day,
    places::{PLACES, STREETS},
};
use crate::{
    case::{Case, Twist},
    kind::Kind,
};

static ROOTS: [&str; 16] = [
    "Alheri",
    "Amara",
    "Baobab",
    "Benue Valley",
    "Delta Star",
    "Gold Coast",
    "Harmattan",
    "Ikenga",
    "Kola Nut",
    "Mambilla",
    "Niger Bend",
    "Ogbunike",
    "Oke Ado",
    "Palmgate",
    "Savanna Blue",
    "Zuma View",
];

static MARKED_ROOTS: [&str; 5] = ["Ọ̀ṣun Blue", "Ńnewi Star", "Ìrètí", "Ƙwarya", "Sa'a"];

static TRADES: [(&str, &str); 10] = [
    ("Agro Allied", "Cultivation and processing of crops"),
    ("Building Materials", "Trade in building materials"),
    ("Cold Chain", "Storage and transport of frozen food"),
    ("Engineering", "Mechanical and electrical works"),
    ("Foods", "Making and packing of food"),
    ("Haulage", "Road transport of goods"),
    ("Pharmacy", "Retail of medicines"),
    ("Software", "Development of computer programmes"),
    ("Textiles", "Weaving and trade in textiles"),
    ("Trading", "General trade"),
];

static FORMS: [&str; 5] = ["Limited", "Limited", "Nigeria Limited", "Ventures", "Plc"];

/// A synthetic company.
pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) email: String,
    pub(crate) activity: &'static str,
    pub(crate) incorporated: Date,
}

impl Company {
    /// Returns the company with this registration number. The case of the number determines the form of its name.
    pub(crate) fn of(number: &str) -> Self {
        let mut dice = Dice::of(Kind::Cac, number);
        let (root, marked_root) = (dice.pick(&ROOTS), dice.pick(&MARKED_ROOTS));
        let (trade, activity) = dice.pick(&TRADES);
        let form = dice.pick(&FORMS);
        let place = dice.pick(&PLACES);
        let address = format!(
            "{} {}, {}, {}",
            dice.between(1, 180),
            dice.pick(&STREETS),
            place.town,
            place.state
        );
        let domain = root.replace(' ', "-").to_ascii_lowercase();
        Self {
            name: match Case::of(number).twist() {
                Twist::Diacritics => format!("{marked_root} {trade} {form}"),
                _ => format!("{root} {trade} {form}"),
            },
            address,
            email: format!("info@{domain}.example"),
            activity,
            incorporated: day(&mut dice, 1972, 2021),
        }
    }

    /// Returns whether `name` is the name of this company, without regard to case and spaces.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        squeezed(name) == squeezed(&self.name)
    }
}

fn squeezed(name: &str) -> String {
    name.split_whitespace().collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_keeps_its_name() {
        let company = Company::of("RC456000");
        assert_eq!(company.name, Company::of("456000").name);
        assert!(company.is_called(&format!(
            "  {} ",
            company.name.to_uppercase().replace(' ', "   ")
        )));
        assert!(!company.is_called("Another Limited"));
        assert!(Company::of("456000").name.is_ascii());
    }
}
