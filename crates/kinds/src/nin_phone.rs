//! National Identification Number, found by a mobile number.

use kyc_domain::{Identity, Number, Person, Record, record::Place};
use radius_api::{Request, nin_phone::Data};

use crate::{
    Encoded, Kind,
    answer::{person, photo, read, signature},
    fill::{FromText, fill},
    kind::{claims, subject},
    nin::common,
};

const FIELD: &str = "phone";

/// The entry of the table.
pub(crate) const KIND: Kind = Kind {
    name: "nin_phone",
    title: "NIN by phone number",
    field: FIELD,
    required: &[],
    claims: claims![DateOfBirth, Gender, Nin],
    images: &["photo", "signature"],
    example: "08031234000",
    subject: |fields, _| {
        subject(
            fields,
            FIELD,
            "give a Nigerian mobile number",
            Number::phone,
        )
    },
    lookup: |subject| Request::nin_phone(subject.number.expose()),
    // A person may have several phone numbers, and the register may since have recorded another one.
    identity: |_, _| Identity::Untold,
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let record = Person {
        nin: FromText::from_text(data.identity.nin),
        origin: fill!(Place { data.origin => { address, lga, state } }),
        ..common(data.profile, data.contact, data.residence)
    };
    (
        person(record),
        vec![photo(data.biodata.image), signature(data.biodata.signature)],
    )
}
