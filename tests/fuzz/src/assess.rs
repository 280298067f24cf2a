//! Claims compared with records: any text on both sides, as a person and as a company.

use jiff::civil::Date;
use kyc_domain::{
    Claim, Claims, Company, Fault, Fields, Match, Person, Record, RecordDate, date,
    matching::Assessment,
};
use serde_json::{Map, Value};

use crate::{digits, lines::Lines};

const CLAIMS: [Claim; 11] = [
    Claim::FirstName,
    Claim::MiddleName,
    Claim::LastName,
    Claim::DateOfBirth,
    Claim::Phone,
    Claim::Gender,
    Claim::Nin,
    Claim::CompanyName,
    Claim::Address,
    Claim::Email,
    Claim::ExpiryDate,
];
const NAMES: [Claim; 3] = [Claim::FirstName, Claim::MiddleName, Claim::LastName];

/// Reads claims and a record, and assesses them. See [`Lines`] for the form.
pub fn assess(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (claimed, known) = Lines::both(text);
    for value in text.lines().chain(known.all("date_of_birth")) {
        check_date(value);
    }
    for record in [person(&known), company(&known)] {
        let claims = claims(|claim| claimed.owned(claim.name()));
        check(&claims, &record);
        check_own_words(&record);
    }
}

/// Calls the assessment. No other code does.
fn assessed(claims: &Claims, record: &Record) -> Assessment {
    kyc_domain::assess(claims, record, &kyc_domain::MatchPolicy::default())
}

fn check(claims: &Claims, record: &Record) {
    let assessment = assessed(claims, record);
    assert_eq!(assessment.checks.len(), claims.iter().count());
    for ((claim, _), check) in claims.iter().zip(&assessment.checks) {
        assert_eq!(claim.name(), check.field);
        assert!((0.0..=1.0).contains(&check.score), "{check:?}");
        assert!(!check.rule.is_empty(), "{check:?}");
        let decided = check.result != Match::Unknown;
        assert!(!(decided && is_blank(claim, record)), "{check:?}");
    }
    for reason in &assessment.reasons {
        assert!(!reason.code.is_empty(), "{reason:?}");
        digits::assert_none(&reason.sentence, "a reason");
    }
    serde_json::to_string(&assessment.checks).expect("checks are plain");
}

/// Asserts that claims with the values of the record agree, in any order of the words of a name.
fn check_own_words(record: &Record) {
    let own = |claim| own(claim, record);
    check_agrees(&claims(own), record);
    let reordered = |claim| {
        let text = own(claim)?;
        let words: Vec<&str> = text.split_whitespace().rev().collect();
        Some(words.join(" ")).filter(|_| NAMES.contains(&claim))
    };
    check_agrees(&claims(reordered), record);
}

fn check_agrees(claims: &Claims, record: &Record) {
    for check in assessed(claims, record).checks {
        let agrees = check.result != Match::Mismatch;
        assert!(agrees, "said as the record says it: {check:?}");
    }
}

/// Returns the record's value for the field of a claim.
fn own(claim: Claim, record: &Record) -> Option<String> {
    let day = |day: &Option<RecordDate>| Some(day.as_ref()?.date?.to_string());
    match (record, claim) {
        (Record::Person(person), Claim::FirstName) => person.first_name.clone(),
        (Record::Person(person), Claim::MiddleName) => person.middle_name.clone(),
        (Record::Person(person), Claim::LastName) => person.last_name.clone(),
        (Record::Person(person), Claim::DateOfBirth) => day(&person.date_of_birth),
        (Record::Person(person), Claim::ExpiryDate) => day(&person.expiry_date),
        (Record::Person(person), Claim::Phone) => person.phones.last().cloned(),
        (Record::Person(person), Claim::Gender) => person.gender.clone(),
        (Record::Person(person), Claim::Nin) => person.nin.clone(),
        (Record::Person(person), Claim::Email) => person.email.clone(),
        (Record::Company(company), Claim::CompanyName) => company.name.clone(),
        (Record::Company(company), Claim::Address) => company.address.clone(),
        (Record::Company(company), Claim::Email) => company.email.clone(),
        _ => None,
    }
}

/// Returns whether a record has no value that a claim could be compared with. Registers use different fields for names, so
/// another name may stand for a blank one.
fn is_blank(claim: Claim, record: &Record) -> bool {
    match record {
        Record::Person(person) if NAMES.contains(&claim) => {
            let named = NAMES.iter().any(|name| own(*name, record).is_some());
            !named && person.maiden_name.is_none()
        }
        _ => own(claim, record).is_none(),
    }
}

/// Builds claims as a job does, without those that a job could not have.
fn claims(value: impl Fn(Claim) -> Option<String>) -> Claims {
    let one = |claim: &Claim| Some((claim.name().to_owned(), Value::from(value(*claim)?)));
    let all: Map<String, Value> = CLAIMS.iter().filter_map(one).collect();
    read(all.clone()).unwrap_or_else(|| {
        let alone = |(field, value)| Map::from_iter([(field, value)]);
        let good = all
            .into_iter()
            .map(alone)
            .filter(|one| read(one.clone()).is_some());
        read(good.flatten().collect()).expect("each is good")
    })
}

fn read(claims: Map<String, Value>) -> Option<Claims> {
    let mut fields = Fields::new(Map::from_iter([("claims".to_owned(), claims.into())]));
    let claims = Claims::read(&mut fields, &CLAIMS);
    match fields.finish(Some(claims)) {
        Ok(claims) => Some(claims),
        Err(refusals) => {
            digits::assert_none(&refusals.to_string(), "a refusal");
            None
        }
    }
}

fn person(known: &Lines<'_>) -> Record {
    let day = |field| known.get(field).map(RecordDate::read);
    Record::Person(Box::new(Person {
        first_name: known.owned("first_name"),
        middle_name: known.owned("middle_name"),
        last_name: known.owned("last_name"),
        maiden_name: known.owned("maiden_name"),
        gender: known.owned("gender"),
        date_of_birth: day("date_of_birth"),
        phones: known.all("phone").map(str::to_owned).collect(),
        email: known.owned("email"),
        nin: known.owned("nin"),
        expiry_date: day("expiry_date"),
        watch_listed: known.get("watch_listed").map(|word| word == "yes"),
        ..Person::default()
    }))
}

fn company(known: &Lines<'_>) -> Record {
    Record::Company(Box::new(Company {
        name: known.owned("company_name"),
        address: known.owned("address"),
        email: known.owned("email"),
        ..Company::default()
    }))
}

/// Parses a caller's date. No other code does.
fn claimed_date(text: &str) -> Result<Date, Fault> {
    date::claimed(text)
}

/// Asserts that a parsed date can be printed and parsed again, on both sides.
fn check_date(text: &str) {
    let read = RecordDate::read(text);
    assert_eq!(read.raw, text.trim());
    if let Some(day) = read.date {
        assert_eq!(RecordDate::read(&day.to_string()).date, Some(day), "{text}");
    }
    match claimed_date(text) {
        Ok(day) => assert_eq!(claimed_date(&day.to_string()), Ok(day), "{text}"),
        Err(fault) => {
            digits::assert_none(&format!("{} {}", fault.problem, fault.remedy), "a fault");
        }
    }
}
