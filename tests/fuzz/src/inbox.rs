//! Jobs: any bytes, with all rules. An accepted job is the same after its own JSON, and no refusal repeats the input.

use kyc_domain::{Number, Refusals, Request, Subject, number::Validation};
use kyc_kinds::{Rules, find, parse};
use serde_json::Value;

use crate::digits;

/// Fields with free text, whose letters a refusal must not depend on.
const FREE: [&str; 6] = [
    "first_name",
    "middle_name",
    "last_name",
    "company_name",
    "address",
    "email",
];

/// Parses the bytes as a job, with all rules.
pub fn inbox(job: &[u8]) {
    for validation in [Validation::Strict, Validation::Lenient] {
        for require_consent in [false, true] {
            let rules = Rules {
                validation,
                require_consent,
                keep_waiting: None,
            };
            match parse(job, rules) {
                Ok(request) => check_accepted(&request, job, rules),
                Err(refusals) => check_refused(&refusals),
            }
            check_names_do_not_matter(job, rules);
        }
    }
}

fn check_accepted(request: &Request, job: &[u8], rules: Rules) {
    let json = request.to_json();
    for rules in [rules, Rules::ACCEPTED] {
        let again = parse(json.as_bytes(), rules).map(|again| again.to_json());
        assert_eq!(again.as_deref(), Ok(&*json));
    }
    let kind = find(request.kind).expect("its kind is known");
    check_number(kind.field, request, job);
    check_call(request);
    digits::assert_none(
        &format!("{:?} {:?}", request.subject, request.claims),
        "Debug",
    );
}

/// Asserts that the number is the one that was written: no letter of another script is converted.
fn check_number(field: &str, request: &Request, job: &[u8]) {
    let job: Value = serde_json::from_slice(job).expect("it was parsed before");
    let written = job[field].as_str().expect("it was accepted");
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(|letter| letter.is_alphanumeric());
        kept.collect::<String>().to_ascii_uppercase()
    };
    // Prefixes and country codes may be added or removed. The rest stays.
    let inner = request.subject.number.expose().trim_start_matches('0');
    assert!(
        letters(written).contains(&letters(inner)),
        "a number that nobody wrote"
    );
}

/// Asserts that a call can be made, and that neither number nor name changes the structure of its URL.
fn check_call(request: &Request) {
    let kind = find(request.kind).expect("its kind is known");
    let split = |subject: &Subject| {
        let call = (kind.lookup)(subject).expect("an accepted job can be called for");
        assert_eq!(call.endpoint().name(), kind.name);
        let (path, query) = call
            .path_and_query()
            .split_once('?')
            .unwrap_or((call.path_and_query(), ""));
        let (route, number) = path.rsplit_once('/').expect("a path has slashes");
        [route, number, query].map(str::to_owned)
    };
    let mut plain = request.subject.clone();
    plain.number = Number::company("1234").expect("a good number");
    let ([usual, ..], [route, number, query]) = (split(&plain), split(&request.subject));
    assert_eq!(route, usual);
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
    assert!(!number.is_empty() && number.bytes().all(safe));
    let safe = |b: u8| safe(b) || b"*+=&".contains(&b);
    assert!(query.bytes().all(safe));
    assert_eq!(query.matches('=').count(), kind.required.len());
}

fn check_refused(refusals: &Refusals) {
    for refusal in refusals.iter() {
        assert!(!refusal.field.is_empty() && !refusal.problem.is_empty());
        assert!(!refusal.remedy.is_empty(), "{refusal}");
        digits::assert_none(&refusal.to_string(), "a refusal");
    }
}

/// Asserts that refusals do not depend on the letters of names, so they cannot repeat one.
fn check_names_do_not_matter(job: &[u8], rules: Rules) {
    let Ok(mut other) = serde_json::from_slice::<Value>(job) else {
        return;
    };
    let same = parse(other.to_string().as_bytes(), rules).err();
    rename(&mut other);
    other.get_mut("claims").map(rename);
    assert_eq!(parse(other.to_string().as_bytes(), rules).err(), same);
}

/// Replaces the letters of names with as many other letters.
fn rename(object: &mut Value) {
    let Value::Object(object) = object else {
        return;
    };
    for field in FREE {
        if let Some(Value::String(text)) = object.get_mut(field) {
            *text = text
                .chars()
                .map(|letter| if letter.is_alphabetic() { 'q' } else { letter })
                .collect();
        }
    }
}
