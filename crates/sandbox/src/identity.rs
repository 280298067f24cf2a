//! Telling who a number is, so that callers can claim what is true, or what is not.

use serde_json::{Value, json};

use crate::{
    case::Case,
    kind::Kind,
    people::{Company, Person},
    record::Subject,
};

/// Who a number is, as `GET /__sandbox/identities/{kind}/{number}` says it; `None` for a kind that does not exist.
///
/// `kind` is one of `bvn`, `nin`, `nin_phone`, `cac`, `drivers_license`, `passport`. The names and dates are the true
/// ones, also where the case makes the record blank them or swap them; dates are `YYYY-MM-DD`.
#[must_use]
pub fn identity(kind: &str, number: &str) -> Option<Value> {
    let kind = Kind::named(kind)?;
    let case = Case::of(number);
    let mut told = match Subject::of(kind, number) {
        Subject::Person(who) => person(kind, &who),
        Subject::Company(who) => company(&who),
    };
    told["kind"] = kind.name().into();
    told["number"] = number.into();
    told["case"] = case.code.into();
    told["does"] = case.does.into();
    Some(told)
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
