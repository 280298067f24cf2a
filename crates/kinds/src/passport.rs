//! Nigerian passport. The provider requires the holder's names and date of birth, and they must match its record.

use kyc_domain::{
    Fields, Number, Person, Record, Sensitive, Subject, date::claimed, fields::plain_text,
    identity::of_document, number::Validation,
};
use radius_api::{Request, passport::Data};

use crate::{
    Encoded, Kind,
    answer::{person, photo, read},
    fill::fill,
    kind::{claims, of_person},
};

const FIELD: &str = "passport_number";
const FIRST: &str = "first_name";
const LAST: &str = "last_name";
const BORN: &str = "date_of_birth";

/// The entry of the table.
pub(crate) const KIND: Kind = Kind {
    name: "passport",
    title: "Nigerian passport",
    field: FIELD,
    required: &[FIRST, LAST, BORN],
    claims: claims![DateOfBirth, Phone],
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
        "the provider requires the holder's first name",
        plain_text,
    );
    let last = fields.required(
        LAST,
        "the provider requires the holder's last name",
        plain_text,
    );
    let born = fields.required(
        BORN,
        "the provider requires the holder's date of birth",
        |text| claimed(text).map(|day| Sensitive::new(day.to_string())),
    );
    Some(
        Subject::new(FIELD, number?)
            .with(FIRST, first?)
            .with(LAST, last?)
            .with(BORN, born?),
    )
}

fn lookup(subject: &Subject) -> Result<Request, radius_api::Error> {
    let detail = |field| subject.detail(field);
    Request::passport(
        subject.number.expose(),
        detail(FIRST),
        detail(LAST),
        detail(BORN),
    )
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let record = fill!(Person {
        data.profile => {
            first_name, middle_name = other_name, last_name, gender, date_of_birth = dob,
        }
        data.contact => { phones = main_phone_number }
        data.identity => { document_number = passport_id }
        data.meta_data => { issued_at, issued_date, expiry_date }
    });
    (person(record), vec![photo(data.biodata.image)])
}
