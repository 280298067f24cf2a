//! NIN by phone: like NIN, but with `identity`, the language in other groups, and dates as `18-11-1985` (day first).

use super::{nin, sheet::Sheet};
use crate::answer::{Payload, group, text};

pub(super) fn write(sheet: &Sheet<'_>) -> Payload {
    let person = sheet.person;
    let born = person.born.strftime("%d-%m-%Y").to_string();
    Payload::success(&[
        group(
            "origin",
            &[
                text("lga", person.origin.lga),
                text("state", person.origin.state),
                text("address", person.origin.town),
                text("spoken_language", person.language),
            ],
        ),
        group("biodata", &nin::biodata(sheet)),
        group("contact", &nin::contact(sheet)),
        group(
            "profile",
            &nin::profile(sheet, &born, person.gender.choose("ms", "mr"), ""),
        ),
        group("identity", &[text("nin", sheet.known(&person.nin))]),
        group("residence", &nin::residence(sheet, "birth")),
        group("employment", &nin::employment(sheet)),
        group(
            "next_of_kin",
            &[
                text("surname", person.last_name),
                group("residence", &nin::kin_residence(sheet)),
                text("first_name", person.kin.first_name),
                text("spoken_language", person.language),
            ],
        ),
        group("birth_details", &nin::birth_details(sheet, &born)),
    ])
}
