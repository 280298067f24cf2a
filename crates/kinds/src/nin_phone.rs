//! National Identification Number, found by a mobile number.

use kyc_domain::{Claim, Fields, Identity, Number, Record, Subject, number::Validation};
use radius_api::nin_phone::Data;

use crate::{
    Encoded, Kind,
    answer::{owned, person, photo, read, signature},
    kind::PERSON,
    nin::{common, place},
};

const FIELD: &str = "phone";

/// The row.
pub(crate) const KIND: Kind = Kind {
    name: "nin_phone",
    title: "NIN by phone number",
    field: FIELD,
    required: &[],
    claims: &[
        PERSON[0],
        PERSON[1],
        PERSON[2],
        Claim::DateOfBirth,
        Claim::Gender,
        Claim::Nin,
    ],
    images: &["photo", "signature"],
    example: "08031234000",
    subject,
    lookup: |subject| radius_api::Request::nin_phone(subject.number.expose()),
    // A person may have several telephones, and the register may know another one by now.
    identity: |_, _| Identity::Untold,
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn subject(fields: &mut Fields, _: Validation) -> Option<Subject> {
    let number = fields.required(FIELD, "give a Nigerian mobile number", Number::phone)?;
    Some(Subject::new(FIELD, number))
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let Data {
        origin,
        biodata,
        contact,
        profile,
        identity,
        residence,
        ..
    } = data;
    let mut record = common(profile, contact, residence);
    record.origin = place(origin.address, origin.lga, origin.state);
    record.nin = owned(identity.nin);
    (
        person(record),
        vec![photo(biodata.image), signature(biodata.signature)],
    )
}
