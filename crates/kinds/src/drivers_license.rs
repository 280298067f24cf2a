//! Driver's licence.

use kyc_domain::{
    Claim, Fields, Number, Person, Record, Subject, identity::of_document, number::Validation,
};
use radius_api::drivers_license::Data;

use crate::{
    Encoded, Kind,
    answer::{date, of_person, owned, person, photo, read},
    kind::PERSON,
};

const FIELD: &str = "license_number";

/// The row.
pub(crate) const KIND: Kind = Kind {
    name: "drivers_license",
    title: "Driver's licence",
    field: FIELD,
    required: &[],
    claims: &[
        PERSON[0],
        PERSON[1],
        PERSON[2],
        Claim::DateOfBirth,
        Claim::ExpiryDate,
    ],
    images: &["photo"],
    example: "ABC12345AA000",
    subject,
    lookup: |subject| radius_api::Request::drivers_license(subject.number.expose()),
    identity: |subject, record| {
        of_person(record, |person| {
            of_document(&subject.number, person.document_number.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn subject(fields: &mut Fields, validation: Validation) -> Option<Subject> {
    let parse = |text: &str| Number::licence(text, validation);
    let number = fields.required(FIELD, "give the number of the licence", parse)?;
    Some(Subject::new(FIELD, number))
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let Data {
        biodata,
        profile,
        identity,
        meta_data,
        ..
    } = data;
    let record = Person {
        first_name: owned(profile.first_name),
        middle_name: owned(profile.middle_name),
        last_name: owned(profile.last_name),
        gender: owned(profile.gender),
        date_of_birth: date(profile.date_of_birth),
        document_number: owned(identity.driver_license),
        issued_date: date(meta_data.issued_date),
        expiry_date: date(meta_data.expiry_date),
        issued_at: owned(meta_data.state_of_issue),
        ..Person::default()
    };
    (person(record), vec![photo(biodata.image)])
}
