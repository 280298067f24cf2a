//! Bank Verification Number, advanced record.

use kyc_domain::{
    Claim, Fields, Number, Person, Record, Subject, identity::of_digits, number::Validation,
    record::Place,
};
use radius_api::bvn::Data;

use crate::{
    Encoded, Kind,
    answer::{date, of_person, owned, person, photo, read},
    kind::PERSON,
};

const FIELD: &str = "bvn";

/// The row.
pub(crate) const KIND: Kind = Kind {
    name: "bvn",
    title: "Bank Verification Number",
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
    images: &["photo"],
    example: "22200000000",
    subject,
    lookup: |subject| radius_api::Request::bvn(subject.number.expose()),
    identity: |subject, record| {
        of_person(record, |person| {
            of_digits(&subject.number, person.bvn.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn subject(fields: &mut Fields, _: Validation) -> Option<Subject> {
    let number = fields.required(FIELD, "give the 11 digits of the BVN", Number::bvn)?;
    Some(Subject::new(FIELD, number))
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let Data {
        origin,
        biodata,
        contact,
        profile,
        identity,
        metadata,
        residence,
        ..
    } = data;
    let record = Person {
        title: owned(profile.title),
        first_name: owned(profile.first_name),
        middle_name: owned(profile.middle_name),
        last_name: owned(profile.last_name),
        gender: owned(profile.gender),
        date_of_birth: date(profile.date_of_birth),
        phones: [contact.main_phone_number, contact.other_phone_number]
            .into_iter()
            .filter_map(owned)
            .collect(),
        email: owned(contact.email),
        nationality: owned(profile.nationality),
        marital_status: owned(profile.marital_status),
        residence: Place {
            address: owned(residence.address),
            lga: owned(residence.lga),
            state: owned(residence.state),
            ..Place::default()
        },
        origin: Place {
            lga: owned(origin.lga),
            state: owned(origin.state),
            ..Place::default()
        },
        bvn: owned(identity.bvn),
        nin: owned(identity.nin),
        watch_listed: metadata.watch_listed.as_deref().and_then(listed),
        registration_date: date(metadata.registration_date),
        ..Person::default()
    };
    (person(record), vec![photo(biodata.image)])
}

/// The provider's word for being on the watch list. Blank, or a word nobody knows, says nothing.
fn listed(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}
