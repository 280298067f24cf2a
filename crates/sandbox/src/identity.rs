//! Looks up the person or company of a number, so that callers can make true and false claims.

use serde_json::{Value, json};

use crate::{
    case::Case,
    kind::Kind,
    people::{Company, Person},
    record::Subject,
};

/// Returns the person or company of a number, as `GET /__sandbox/identities/{kind}/{number}` does, or `None` if the
/// kind does not exist.
///
/// `kind` is one of `bvn`, `nin`, `nin_phone`, `cac`, `drivers_license`, `passport`. The names and dates are the true
/// ones, even if the case of the number blanks or swaps them in the record. Dates are written as `YYYY-MM-DD`.
#[must_use]
pub fn identity(kind: &str, number: &str) -> Option<Value> {
    let kind = Kind::named(kind)?;
    let case = Case::of(number);
    let mut found = match Subject::of(kind, number) {
        Subject::Person(who) => person(kind, &who),
        Subject::Company(who) => company(&who),
    };
    found["kind"] = kind.name().into();
    found["number"] = number.into();
    found["case"] = case.code.into();
    found["does"] = case.does.into();
    Some(found)
}

fn person(kind: Kind, who: &Person) -> Value {
    let expires = match kind {
        Kind::DriversLicense => Some(who.license_expires().to_string()),
        Kind::Passport => Some(who.passport_expires().to_string()),
        _ => None,
    };
    json!({
        "first_name": who.first_name,
        "middle_name": who.middle_name,
        "last_name": who.last_name,
        "date_of_birth": who.born.to_string(),
        "gender": who.gender.choose("female", "male"),
        "phone": who.phone,
        "email": who.email,
        "address": who.address,
        "lga": who.home.lga,
        "state": who.home.state,
        "bvn": who.bvn,
        "nin": who.nin,
        "expiry_date": expires,
        "company_name": null,
    })
}

fn company(who: &Company) -> Value {
    json!({
        "company_name": who.name,
        "address": who.address,
        "email": who.email,
        "activity": who.activity,
        "incorporated": who.incorporated.to_string(),
    })
}
