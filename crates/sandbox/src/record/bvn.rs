//! BVN: `metadata` without an underscore; dates as `1986-01-20` for even years of birth and as `18-Nov-1985` for odd
//! ones.

use super::sheet::Sheet;
use crate::{
    answer::{Field, Payload, group, image, text},
    case::Twist,
};

pub(super) fn write(sheet: &Sheet<'_>) -> Payload {
    let person = sheet.person;
    let form = if person.born.year() % 2 == 0 {
        "%Y-%m-%d"
    } else {
        "%d-%b-%Y"
    };
    let born = person.born.strftime(form).to_string();
    let registered = person.issued.strftime(form).to_string();
    let watch_listed = if sheet.twist == Twist::WatchListed {
        "YES"
    } else {
        "NO"
    };
    Payload::success(&[
        group(
            "origin",
            &[
                text("lga", person.origin.lga),
                text("state", person.origin.state),
            ],
        ),
        group("biodata", &[image("image", &sheet.photo)]),
        group("contact", &contact(sheet)),
        group("profile", &profile(sheet, &born)),
        group(
            "identity",
            &[
                text("bvn", &person.bvn),
                text("nin", sheet.known(&person.nin)),
            ],
        ),
        group(
            "metadata",
            &[
                text("watch_listed", sheet.known(watch_listed)),
                text("registration_date", sheet.known(&registered)),
            ],
        ),
        group("residence", &residence(sheet)),
    ])
}

fn contact<'a>(sheet: &'a Sheet<'_>) -> [Field<'a>; 3] {
    let person = sheet.person;
    [
        text("email", sheet.known(&person.email)),
        text("main_phone_number", &person.phone),
        text("other_phone_number", sheet.known(&person.other_phone)),
    ]
}

fn profile<'a>(sheet: &'a Sheet<'_>, born: &'a str) -> [Field<'a>; 8] {
    let person = sheet.person;
    [
        text("title", person.gender.choose("Ms.", "Mr.")),
        text(
            "gender",
            sheet.known(person.gender.choose("Female", "Male")),
        ),
        text("last_name", sheet.last_name),
        text("first_name", sheet.first_name),
        text("middle_name", person.middle_name),
        text("nationality", "Nigeria"),
        text("date_of_birth", sheet.known(born)),
        text("marital_status", sheet.known(person.marital_status)),
    ]
}

fn residence<'a>(sheet: &'a Sheet<'_>) -> [Field<'a>; 3] {
    let person = sheet.person;
    [
        text("lga", person.home.lga),
        text("state", person.home.state),
        text("address", &person.address),
    ]
}
