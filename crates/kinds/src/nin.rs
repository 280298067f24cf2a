//! National Identification Number.

use kyc_domain::{
    Claim, Fields, Number, Person, Record, Subject, identity::of_digits, number::Validation,
    record::Place,
};
use radius_api::{
    Text,
    nin::{Contact, Data, Profile, Residence},
};

use crate::{
    Encoded, Kind,
    answer::{date, of_person, owned, person, photo, read, signature, text_of},
    kind::PERSON,
};

const FIELD: &str = "nin";

/// The row.
pub(crate) const KIND: Kind = Kind {
    name: "nin",
    title: "National Identification Number",
    field: FIELD,
    required: &[],
    claims: &[
        PERSON[0],
        PERSON[1],
        PERSON[2],
        Claim::DateOfBirth,
        Claim::Phone,
        Claim::Gender,
    ],
    images: &["photo", "signature"],
    example: "12345678000",
    subject,
    lookup: |subject| radius_api::Request::nin(subject.number.expose()),
    identity: |subject, record| {
        of_person(record, |person| {
            of_digits(&subject.number, person.nin.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn subject(fields: &mut Fields, _: Validation) -> Option<Subject> {
    let number = fields.required(FIELD, "give the 11 digits of the NIN", Number::nin)?;
    Some(Subject::new(FIELD, number))
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let Data {
        origin,
        biodata,
        contact,
        profile,
        residence,
        extra,
        ..
    } = data;
    let mut record = common(profile, contact, residence);
    // The collection has no such group; where it is there, it tells whose record this is.
    let number = extra.get("identity").and_then(|group| group.get("nin"));
    record.nin = number.and_then(text_of);
    record.origin = place(origin.address, origin.lga, origin.state);
    (
        person(record),
        vec![photo(biodata.image), signature(biodata.signature)],
    )
}

/// What both NIN answers say alike.
pub(crate) fn common(
    profile: Profile<'_>,
    contact: Contact<'_>,
    residence: Residence<'_>,
) -> Person {
    Person {
        title: owned(profile.title),
        first_name: owned(profile.first_name),
        middle_name: owned(profile.middle_name),
        last_name: owned(profile.surname),
        maiden_name: owned(profile.maiden_name),
        gender: owned(profile.gender),
        date_of_birth: date(profile.date_of_birth),
        phones: owned(contact.main_phone_number).into_iter().collect(),
        email: owned(contact.email),
        nationality: owned(profile.nationality),
        marital_status: owned(profile.marital_status),
        residence: Place {
            address: owned(residence.address),
            town: owned(residence.town),
            lga: owned(residence.lga),
            state: owned(residence.state),
        },
        ..Person::default()
    }
}

/// A place without a town.
pub(crate) fn place(address: Text<'_>, lga: Text<'_>, state: Text<'_>) -> Place {
    Place {
        address: owned(address),
        lga: owned(lga),
        state: owned(state),
        ..Place::default()
    }
}
