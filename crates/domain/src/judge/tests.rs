use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::Fields;

const ALL: &[Claim] = &[
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
];

fn claims(value: Value) -> Claims {
    let mut object = Map::new();
    object.insert("claims".to_owned(), value);
    let mut fields = Fields::new(object);
    let claims = Claims::read(&mut fields, ALL);
    fields.finish(Some(claims)).unwrap()
}

fn person() -> Person {
    Person {
        first_name: Some("Olá".into()),
        middle_name: Some("Femi".into()),
        last_name: Some("TAIWO-BELLO".into()),
        gender: Some("m".into()),
        date_of_birth: Some(RecordDate::read("18-11-1985")),
        phones: vec!["+2348075461234".into()],
        ..Person::default()
    }
}

fn judged(value: Value, person: Person) -> (Verdict, Vec<Match>, Vec<String>) {
    let judgement = judge(&claims(value), &Record::Person(Box::new(person)));
    let results = judgement.checks.iter().map(|check| check.result).collect();
    let codes = judgement
        .reasons
        .into_iter()
        .map(|reason| reason.code)
        .collect();
    (judgement.verdict, results, codes)
}

#[test]
fn nothing_claimed_is_found() {
    assert_eq!(
        judged(json!({}), person()),
        (Verdict::Found, vec![], vec![])
    );
}

#[test]
fn everything_agrees() {
    let claims = json!({
        "first_name": "OLA", "last_name": "Bello Taiwo", "date_of_birth": "1985-11-18",
        "phone": "08075461234", "gender": "Male",
    });
    assert_eq!(judged(claims, person()).0, Verdict::Match);
}

#[test]
fn each_trouble_has_its_reason() {
    let cases = [
        (
            json!({"last_name": "Okafor"}),
            Verdict::NoMatch,
            "last_name_mismatch",
        ),
        (
            json!({"last_name": "Taiwoo"}),
            Verdict::PartialMatch,
            "last_name_partial",
        ),
        (
            json!({"date_of_birth": "1985-11-17"}),
            Verdict::NoMatch,
            "date_of_birth_mismatch",
        ),
        (
            json!({"nin": "12345678900"}),
            Verdict::PartialMatch,
            "nin_unknown",
        ),
        (
            json!({"phone": "08075461235"}),
            Verdict::NoMatch,
            "phone_mismatch",
        ),
    ];
    for (claimed, verdict, code) in cases {
        let (got, _, codes) = judged(claimed, person());
        assert_eq!((got, codes), (verdict, vec![code.to_owned()]));
    }
}

#[test]
fn swapped_names_match_and_are_told() {
    let record = Person {
        first_name: Some("Taiwo".into()),
        last_name: Some("Ola".into()),
        ..Person::default()
    };
    let (verdict, _, codes) = judged(json!({"first_name": "Ola", "last_name": "Taiwo"}), record);
    assert_eq!(
        (verdict, codes),
        (Verdict::Match, vec!["names_swapped".to_owned()])
    );
}

#[test]
fn a_blank_record_is_unknown_and_a_watch_list_never_changes_the_verdict() {
    let blank = Person {
        watch_listed: Some(true),
        ..Person::default()
    };
    let (verdict, results, codes) =
        judged(json!({"first_name": "Ola", "gender": "m"}), blank.clone());
    assert_eq!(verdict, Verdict::PartialMatch);
    assert_eq!(results, [Match::Unknown, Match::Unknown]);
    assert_eq!(
        codes,
        ["first_name_unknown", "gender_unknown", "watch_listed"]
    );
    assert_eq!(judged(json!({}), blank).0, Verdict::Found);
}

#[test]
fn companies_are_compared_without_their_legal_form() {
    let company = Company {
        name: Some("Fahey & Sons Limited".into()),
        ..Company::default()
    };
    let record = Record::Company(Box::new(company));
    let verdict = |name: &str| judge(&claims(json!({"company_name": name})), &record).verdict;
    assert_eq!(verdict("FAHEY AND SONS LTD"), Verdict::Match);
    assert_eq!(verdict("Okafor Enterprises"), Verdict::NoMatch);
}

proptest! {
    #[test]
    fn any_text_can_be_compared(claimed in "\\PC{1,40}", known in "\\PC{0,40}") {
        let compared = words::compare(&words::of(&claimed), &words::of(&known));
        prop_assert!((0.0..=1.0).contains(&compared.score));
    }

    #[test]
    fn order_and_case_do_not_matter(mut names in proptest::collection::vec("[a-zA-Z]{2,9}", 1..4)) {
        let known = words::of(&names.join(" ").to_uppercase());
        names.reverse();
        let compared = words::compare(&words::of(&names.join("-")), &known);
        prop_assert_eq!(compared.result, Match::Match);
    }
}
