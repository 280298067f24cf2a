//! National Identification Number.

use kyc_domain::{Number, Person, Record, identity::of_digits, record::Place};
use radius_api::{
    Request,
    nin::{Contact, Data, Profile, Residence},
};

use crate::{
    Encoded, Kind,
    answer::{person, photo, read, signature, text_of},
    fill::fill,
    kind::{claims, of_person, subject},
};

const FIELD: &str = "nin";

/// The entry of the table.
pub(crate) const KIND: Kind = Kind {
    name: "nin",
    title: "National Identification Number",
    field: FIELD,
    required: &[],
    claims: claims![DateOfBirth, Phone, Gender],
    images: &["photo", "signature"],
    example: "12345678000",
    subject: |fields, _| subject(fields, FIELD, "give the 11 digits of the NIN", Number::nin),
    lookup: |subject| Request::nin(subject.number.expose()),
    identity: |subject, record| {
        of_person(record, |person| {
            of_digits(&subject.number, person.nin.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    // The collection does not list this group. If an answer has it, it shows whose record this is.
    let number = data
        .extra
        .get("identity")
        .and_then(|group| group.get("nin"));
    let record = Person {
        nin: number.and_then(text_of),
        origin: fill!(Place { data.origin => { address, lga, state } }),
        ..common(data.profile, data.contact, data.residence)
    };
    (
        person(record),
        vec![photo(data.biodata.image), signature(data.biodata.signature)],
    )
}

/// Returns the part of a record that both answers of the NIN register have in the same shape.
pub(crate) fn common(
    profile: Profile<'_>,
    contact: Contact<'_>,
    residence: Residence<'_>,
) -> Person {
    Person {
        residence: fill!(Place { residence => { address, town, lga, state } }),
        ..fill!(Person {
            profile => {
                title, first_name, middle_name, last_name = surname, maiden_name,
                gender, date_of_birth, nationality, marital_status,
            }
            contact => { phones = main_phone_number, email }
        })
    }
}
