//! Driver's licence.

use kyc_domain::{Number, Person, Record, identity::of_document};
use radius_api::{Request, drivers_license::Data};

use crate::{
    Encoded, Kind,
    answer::{person, photo, read},
    fill::fill,
    kind::{claims, of_person, subject},
};

const FIELD: &str = "license_number";

/// The entry of the table.
pub(crate) const KIND: Kind = Kind {
    name: "drivers_license",
    title: "Driver's licence",
    field: FIELD,
    required: &[],
    claims: claims![DateOfBirth, ExpiryDate],
    images: &["photo"],
    example: "ABC12345AA000",
    subject: |fields, validation| {
        let parse = |text: &str| Number::licence(text, validation);
        subject(fields, FIELD, "give the number of the licence", parse)
    },
    lookup: |subject| Request::drivers_license(subject.number.expose()),
    identity: |subject, record| {
        of_person(record, |person| {
            of_document(&subject.number, person.document_number.as_deref())
        })
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let record = fill!(Person {
        data.profile => { first_name, middle_name, last_name, gender, date_of_birth }
        data.identity => { document_number = driver_license }
        data.meta_data => { issued_date, expiry_date, issued_at = state_of_issue }
    });
    (person(record), vec![photo(data.biodata.image)])
}
