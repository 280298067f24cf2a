//! Bank Verification Number, advanced record.

use kyc_domain::{Number, Person, Record, identity::of_digits, record::Place};
use radius_api::{Request, bvn::Data};

use crate::{
    Encoded, Kind,
    answer::{person, photo, read},
    fill::{FromText, fill},
    kind::{claims, of_person, subject},
};

const FIELD: &str = "bvn";

/// The entry of the table.
pub(crate) const KIND: Kind = Kind {
    name: "bvn",
    title: "Bank Verification Number",
    field: FIELD,
    required: &[],
    claims: claims![DateOfBirth, Phone, Gender],
    images: &["photo"],
    example: "22200000000",
    subject: |fields, _| subject(fields, FIELD, "give the 11 digits of the BVN", Number::bvn),
    lookup: |subject| Request::bvn(subject.number.expose()),
    identity: |subject, record| {
        of_person(record, |person| {
            of_digits(&subject.number, person.bvn.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let phones = [
        data.contact.main_phone_number,
        data.contact.other_phone_number,
    ];
    let record = Person {
        phones: phones.into_iter().filter_map(FromText::from_text).collect(),
        residence: fill!(Place { data.residence => { address, lga, state } }),
        origin: fill!(Place { data.origin => { lga, state } }),
        watch_listed: data.metadata.watch_listed.as_deref().and_then(listed),
        ..fill!(Person {
            data.profile => {
                title, first_name, middle_name, last_name,
                gender, date_of_birth, nationality, marital_status,
            }
            data.contact => { email }
            data.identity => { bvn, nin }
            data.metadata => { registration_date }
        })
    };
    (person(record), vec![photo(data.biodata.image)])
}

/// Reads the provider's word for being on the watch list. A blank or an unknown word is `None`.
fn listed(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}
