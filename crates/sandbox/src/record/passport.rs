//! Passport: `dob` and `other_name`, dates as `1986-01-20`, valid for ten years; `issued_at` is a place.

use super::sheet::Sheet;
use crate::answer::{Payload, group, image, text};

pub(super) fn write(sheet: &Sheet<'_>) -> Payload {
    let person = sheet.person;
    let born = person.born.to_string();
    let issued = person.issued.to_string();
    let expires = person.passport_expires().to_string();
    Payload::success(&[
        group("biodata", &[image("image", &sheet.photo)]),
        group("contact", &[text("main_phone_number", &person.phone)]),
        group(
            "profile",
            &[
                text("dob", sheet.known(&born)),
                text("gender", sheet.known(person.gender.choose("F", "M"))),
                text("last_name", sheet.last_name),
                text("first_name", sheet.first_name),
                text("other_name", person.middle_name),
            ],
        ),
        group("identity", &[text("passport_id", sheet.number)]),
        group(
            "meta_data",
            &[
                text("issued_at", person.home.town),
                text("expiry_date", sheet.known(&expires)),
                text("issued_date", sheet.known(&issued)),
            ],
        ),
    ])
}
