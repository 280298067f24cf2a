//! Writes the records with the groups and fields of the provider's collection. Each kind has its own file.

mod bvn;
mod cac;
mod drivers_license;
mod nin;
mod nin_phone;
mod passport;
mod sheet;

use bytes::Bytes;

use crate::{
    answer::Payload,
    case::Twist,
    images::Images,
    kind::Kind,
    people::{Company, Person},
};
use sheet::Sheet;

/// The person or company that a record is about.
pub(crate) enum Subject {
    Person(Box<Person>),
    Company(Company),
}

/// Writes the record of `subject`, to whom `number` belongs.
pub(crate) async fn write(
    kind: Kind,
    number: &str,
    subject: &Subject,
    twist: Twist,
    images: &Images,
) -> Payload {
    let person = match subject {
        Subject::Company(company) => return cac::write(number, company, twist == Twist::Blank),
        Subject::Person(person) => person.as_ref(),
    };
    let photo = match twist {
        Twist::Photo(photo) => images.photo(person.portrait, photo).await,
        _ => images.portrait(person.portrait).await.text,
    };
    let signature = match kind {
        Kind::Nin | Kind::NinPhone => images.signature(person.portrait).await,
        _ => Bytes::new(),
    };
    let sheet = Sheet::new(number, person, twist, photo, signature);
    match kind {
        Kind::Nin => nin::write(&sheet),
        Kind::NinPhone => nin_phone::write(&sheet),
        Kind::DriversLicense => drivers_license::write(&sheet),
        Kind::Passport => passport::write(&sheet),
        // `Cac` cannot occur here: `Subject::of` makes it a company.
        Kind::Bvn | Kind::Cac => bvn::write(&sheet),
    }
}

impl Subject {
    /// Returns the person or company to whom the number belongs.
    pub(crate) fn of(kind: Kind, number: &str) -> Self {
        match kind {
            Kind::Cac => Self::Company(Company::of(number)),
            _ => Self::Person(Box::new(Person::of(kind, number))),
        }
    }
}
