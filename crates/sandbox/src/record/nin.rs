//! NIN: `surname`, a signature, dates as `10/06/1993` (day first), no `identity`.
//!
//! The functions for single groups are shared with NIN by phone.

use super::sheet::Sheet;
use crate::answer::{Field, Payload, group, image, text};

pub(super) fn write(sheet: &Sheet<'_>) -> Payload {
    let person = sheet.person;
    let born = person.born.strftime("%d/%m/%Y").to_string();
    Payload::success(&[
        group(
            "origin",
            &[
                text("lga", person.origin.lga),
                text("state", person.origin.state),
                text("address", person.origin.town),
            ],
        ),
        group("biodata", &biodata(sheet)),
        group("contact", &contact(sheet)),
        group(
            "profile",
            &profile(
                sheet,
                &born,
                person.gender.choose("Ms.", "Mr."),
                person.language,
            ),
        ),
        group("residence", &residence(sheet, "resident")),
        group("employment", &employment(sheet)),
        group(
            "next_of_kin",
            &[
                text("surname", person.last_name),
                group("residence", &kin_residence(sheet)),
                text("first_name", person.kin.first_name),
            ],
        ),
        group("birth_details", &birth_details(sheet, &born)),
    ])
}

pub(super) fn biodata<'a>(sheet: &'a Sheet<'_>) -> [Field<'a>; 2] {
    [
        image("image", &sheet.photo),
        image("signature", &sheet.signature),
    ]
}

pub(super) fn contact<'a>(sheet: &'a Sheet<'_>) -> [Field<'a>; 2] {
    [
        text("email", sheet.known(&sheet.person.email)),
        text("main_phone_number", &sheet.person.phone),
    ]
}

pub(super) fn profile<'a>(
    sheet: &'a Sheet<'_>,
    born: &'a str,
    title: &'a str,
    language: &'a str,
) -> [Field<'a>; 12] {
    let person = sheet.person;
    [
        text("title", title),
        text("gender", sheet.known(person.gender.choose("f", "m"))),
        text("surname", sheet.last_name),
        text("religion", sheet.known(person.religion)),
        text("first_name", sheet.first_name),
        text("maiden_name", person.maiden_name),
        text("middle_name", person.middle_name),
        text("nationality", "Nigeria"),
        text("date_of_birth", sheet.known(born)),
        text("marital_status", sheet.known(person.marital_status)),
        text("spoken_language", language),
        text("educational_level", sheet.known(person.education)),
    ]
}

pub(super) fn residence<'a>(sheet: &'a Sheet<'_>, status: &'a str) -> [Field<'a>; 5] {
    let person = sheet.person;
    [
        text("lga", person.home.lga),
        text("town", person.home.town),
        text("state", person.home.state),
        text("status", sheet.known(status)),
        text("address", &person.address),
    ]
}

pub(super) fn employment<'a>(sheet: &'a Sheet<'_>) -> [Field<'a>; 2] {
    [
        text("status", sheet.known(sheet.person.employment)),
        text("profession", sheet.person.profession),
    ]
}

pub(super) fn kin_residence<'a>(sheet: &'a Sheet<'_>) -> [Field<'a>; 3] {
    let kin = &sheet.person.kin;
    [
        text("lga", kin.home.lga),
        text("state", kin.home.state),
        text("address", &kin.address),
    ]
}

pub(super) fn birth_details<'a>(sheet: &'a Sheet<'_>, born: &'a str) -> [Field<'a>; 4] {
    [
        text("lga", sheet.person.origin.lga),
        text("date", sheet.known(born)),
        text("state", sheet.person.origin.state),
        text("country", "Nigeria"),
    ]
}
