//! Nigerian passport. The provider wants the holder's names and date of birth, and they must match.

use kyc_domain::{
    Claim, Fields, Number, Person, Record, Sensitive, Subject, date::claimed, fields::plain_text,
    identity::of_document, number::Validation,
};
use radius_api::passport::Data;

use crate::{
    Encoded, Kind,
    answer::{date, of_person, owned, person, photo, read},
    kind::PERSON,
};

const FIELD: &str = "passport_number";
const FIRST: &str = "first_name";
const LAST: &str = "last_name";
const BORN: &str = "date_of_birth";

/// The row.
pub(crate) const KIND: Kind = Kind {
    name: "passport",
    title: "Nigerian passport",
    field: FIELD,
    required: &[FIRST, LAST, BORN],
    claims: &[
        PERSON[0],
        PERSON[1],
        PERSON[2],
        Claim::DateOfBirth,
        Claim::Phone,
    ],
    images: &["photo"],
    example: "A01234000",
    subject,
    lookup,
    identity: |subject, record| {
        of_person(record, |person| {
            of_document(&subject.number, person.document_number.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn subject(fields: &mut Fields, validation: Validation) -> Option<Subject> {
    let parse = |text: &str| Number::passport(text, validation);
    let number = fields.required(FIELD, "give the number of the passport", parse);
    let first = fields.required(
        FIRST,
        "the provider wants the holder's first name",
        plain_text,
    );
    let last = fields.required(
        LAST,
        "the provider wants the holder's last name",
        plain_text,
    );
    let born = fields.required(
        BORN,
        "the provider wants the holder's date of birth",
        |text| claimed(text).map(|day| Sensitive::new(day.to_string())),
    );
    Some(
        Subject::new(FIELD, number?)
            .with(FIRST, first?)
            .with(LAST, last?)
            .with(BORN, born?),
    )
}

fn lookup(subject: &Subject) -> Result<radius_api::Request, radius_api::Error> {
    let detail = |field| subject.detail(field);
    radius_api::Request::passport(
        subject.number.expose(),
        detail(FIRST),
        detail(LAST),
        detail(BORN),
    )
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let Data {
        biodata,
        contact,
        profile,
        identity,
        meta_data,
        ..
    } = data;
    let record = Person {
        first_name: owned(profile.first_name),
        middle_name: owned(profile.other_name),
        last_name: owned(profile.last_name),
        gender: owned(profile.gender),
        date_of_birth: date(profile.dob),
        phones: owned(contact.main_phone_number).into_iter().collect(),
        document_number: owned(identity.passport_id),
        issued_at: owned(meta_data.issued_at),
        issued_date: date(meta_data.issued_date),
        expiry_date: date(meta_data.expiry_date),
        ..Person::default()
    };
    (person(record), vec![photo(biodata.image)])
}
