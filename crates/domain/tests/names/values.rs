//! Dates, telephone numbers, gender, NIN.

use kyc_domain::{Person, RecordDate};

use crate::support::{Row, field};

#[rustfmt::skip]
const DATES: &[Row] = &[
    ("1985-11-18", "0001-01-01T00:00:00", "unknown:unreadable_in_record", "a program's default"),
    ("1985-11-18", "1985-11-18 - 1990-01-01", "unknown:unreadable_in_record", "two dates"),
    ("1985-11-18", "18/11/1985 12:30:00", "match:exact", "with a time of day"),
    ("1985-11-18", "18-11-1985", "match:exact", "the day comes first, and can be nothing else"),
    ("1985-11-18", "1985-11-18", "match:exact", "year first"),
    ("18 November 1985", "18-NOV-1985", "match:exact", "both with the month's name"),
    ("1993-06-10", "10/06/1993", "match:day_first", "the provider writes the day first"),
    ("1993-10-06", "10/06/1993", "partial:day_and_month_ambiguous +date_of_birth_ambiguous", "agrees if the month comes first"),
    ("1993-10-07", "10/06/1993", "mismatch:exact", "agrees neither way"),
    ("1990-05-05", "05/05/1990", "match:exact", "either way the same day"),
    ("1985-11-18", "1985-11-17T23:00:00.000Z", "match:close_to_midnight +date_of_birth_close_to_midnight", "midnight in Lagos"),
    ("1985-11-17", "1985-11-17T23:00:00.000Z", "match:close_to_midnight +date_of_birth_close_to_midnight", "or the day that is written"),
    ("1985-11-16", "1985-11-17T23:00:00.000Z", "mismatch:close_to_midnight +date_of_birth_close_to_midnight", "neither"),
    ("1985-11-18", "1985-11-17T22:00:00+00:00", "match:close_to_midnight +date_of_birth_close_to_midnight", "a summer time"),
    ("1990-01-01", "1990-01-01T00:00:00+01:00", "match:exact", "midnight where it is written"),
    ("1990-01-01", "1990-01-01T00:00:00.000Z", "match:exact", "the day alone, as software writes it"),
    ("1993-10-06", "1993-06-10", "mismatch:day_and_month_swapped +date_of_birth_day_and_month_swapped", "sure, and exchanged"),
    ("1993-10-06", "10-Jun-1993", "mismatch:day_and_month_swapped +date_of_birth_day_and_month_swapped", "sure, and exchanged"),
    ("1985-11-17", "18-11-1985", "mismatch:exact", "a day off"),
    ("1985-11-18", "31-02-1985", "unknown:unreadable_in_record", "no such day"),
    ("1985-11-18", "11/18/1985", "match:exact", "the month first, which has one reading only"),
    ("1985-11-18", "18/11/85", "unknown:unreadable_in_record", "which century?"),
    ("1985-11-18", "", "unknown:blank_in_record", "blank"),
    ("1985-11-18", "N/A", "unknown:blank_in_record", "filler"),
];

#[rustfmt::skip]
const PHONES: &[Row] = &[
    ("08031234567", "+234 803 123 4567", "match", "country's code"),
    ("+234 (0)803-123-4567", "08031234567", "match", "both zeros"),
    ("08031234567", "8031234567", "match", "the zero lost by a spreadsheet"),
    ("08031234567", "002348031234567", "match", "dialled from abroad"),
    ("0803\u{a0}123\u{2011}4567", "08031234567", "match", "copied from a page"),
    ("08031234567", "08021234567 / 08031234567", "match", "two numbers in one text"),
    ("08031234567", "08031234568", "mismatch", "another number"),
    ("08031234567", "+44 7700 900123", "mismatch", "a foreign number"),
    ("08031234567", "01 234 5678", "mismatch", "a landline"),
    ("08031234567", "0803****567", "unknown:unreadable_in_record", "masked"),
    ("08031234567", "00000000000", "unknown:unreadable_in_record", "filler"),
    ("08031234567", "NIL", "unknown:blank_in_record", "filler"),
];

#[rustfmt::skip]
const GENDERS: &[Row] = &[
    ("male", "m", "match", "a letter"),
    ("F", "Female", "match", "a letter claimed"),
    ("woman", "F.", "match", "a word and a dot"),
    ("male", "FEMALE", "mismatch", "the other"),
    ("male", "X", "unknown:blank_in_record", "not given"),
    ("male", "", "unknown:blank_in_record", "blank"),
];

#[rustfmt::skip]
const NINS: &[Row] = &[
    ("12345678901", "12345678901", "match", "the same"),
    ("12345678901", "1234 567 8901", "match", "in groups"),
    ("12345678901", "12345678902", "mismatch", "another"),
    ("12345678901", "*******8901", "unknown:unreadable_in_record", "masked"),
    ("12345678901", "", "unknown:blank_in_record", "blank"),
    ("12345678901", "00000000000", "unknown:unreadable_in_record", "filler"),
    ("12345678901", "11111111111", "unknown:unreadable_in_record", "filler"),
];

#[test]
fn dates() {
    let born = |text: &str| Person {
        date_of_birth: Some(RecordDate::read(text)),
        ..Person::default()
    };
    field("date_of_birth", born, DATES);
}

#[test]
fn phones() {
    let phone = |text: &str| Person {
        phones: vec![text.to_owned()],
        ..Person::default()
    };
    field("phone", phone, PHONES);
}

#[test]
fn genders() {
    let gender = |text: &str| Person {
        gender: Some(text.to_owned()),
        ..Person::default()
    };
    field("gender", gender, GENDERS);
}

#[test]
fn nins() {
    let nin = |text: &str| Person {
        nin: Some(text.to_owned()),
        ..Person::default()
    };
    field("nin", nin, NINS);
}
