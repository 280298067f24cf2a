//! Driver's licence: `meta_data`, `driver_license`, dates as `01-Jan-2000`, valid for five years.

use super::sheet::Sheet;
use crate::answer::{Payload, group, image, text};

pub(super) fn write(sheet: &Sheet<'_>) -> Payload {
    const FORM: &str = "%d-%b-%Y";
    let person = sheet.person;
    let born = person.born.strftime(FORM).to_string();
    let issued = person.issued.strftime(FORM).to_string();
    let expires = person.license_expires().strftime(FORM).to_string();
    Payload::success(&[
        group("biodata", &[image("image", &sheet.photo)]),
        group(
            "profile",
            &[
                text("gender", sheet.known(person.gender.choose("F", "M"))),
                text("last_name", sheet.last_name),
                text("first_name", sheet.first_name),
                text("middle_name", person.middle_name),
                text("date_of_birth", sheet.known(&born)),
            ],
        ),
        group(
            "identity",
            &[text("driver_license", sheet.known(sheet.number))],
        ),
        group(
            "meta_data",
            &[
                text("expiry_date", sheet.known(&expires)),
                text("issued_date", sheet.known(&issued)),
                text("state_of_issue", sheet.known(person.home.state)),
            ],
        ),
    ])
}
