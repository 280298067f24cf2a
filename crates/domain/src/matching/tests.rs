use serde_json::{Map, Value, json};

use super::*;
use crate::{Claim, Claims, Fields, Match, Person, Record, RecordDate, Verdict};

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

fn assessed(value: Value, person: Person) -> (Verdict, Vec<Match>, Vec<String>) {
    assessed_by(&MatchPolicy::default(), value, person)
}

fn assessed_by(
    policy: &MatchPolicy,
    value: Value,
    person: Person,
) -> (Verdict, Vec<Match>, Vec<String>) {
    let assessment = assess(&claims(value), &Record::Person(Box::new(person)), policy);
    let results = assessment.checks.iter().map(|check| check.result).collect();
    let codes = assessment
        .reasons
        .into_iter()
        .map(|reason| reason.code)
        .collect();
    (assessment.verdict, results, codes)
}

#[test]
fn nothing_claimed_is_found() {
    assert_eq!(
        assessed(json!({}), person()),
        (Verdict::Found, vec![], vec![])
    );
}

#[test]
fn everything_agrees() {
    let claims = json!({
        "first_name": "OLA", "last_name": "Bello Taiwo", "date_of_birth": "1985-11-18",
        "phone": "08075461234", "gender": "Male",
    });
    assert_eq!(assessed(claims, person()).0, Verdict::Match);
}

#[test]
fn each_disagreement_has_its_reason() {
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
        let (got, _, mut codes) = assessed(claimed, person());
        codes.retain(|code| code != "nothing_confirmed");
        assert_eq!((got, codes), (verdict, vec![code.to_owned()]));
    }
}

#[test]
fn swapped_names_match_partly_and_are_reported() {
    let record = Person {
        first_name: Some("Taiwo".into()),
        last_name: Some("Ola".into()),
        ..Person::default()
    };
    let (verdict, _, codes) = assessed(json!({"first_name": "Ola", "last_name": "Taiwo"}), record);
    assert_eq!(
        (verdict, codes),
        (
            Verdict::PartialMatch,
            ["first_name_partial", "last_name_partial", "names_swapped"]
                .map(ToOwned::to_owned)
                .to_vec()
        )
    );
}

#[test]
fn a_blank_record_is_unknown_and_a_watch_list_never_changes_the_verdict() {
    let blank = Person {
        watch_listed: Some(true),
        ..Person::default()
    };
    let (verdict, results, codes) =
        assessed(json!({"first_name": "Ola", "gender": "m"}), blank.clone());
    assert_eq!(verdict, Verdict::PartialMatch);
    assert_eq!(results, [Match::Unknown, Match::Unknown]);
    assert_eq!(
        codes,
        [
            "first_name_unknown",
            "gender_unknown",
            "nothing_confirmed",
            "watch_listed"
        ]
    );
    assert_eq!(assessed(json!({}), blank).0, Verdict::Found);
}

fn requiring(fields: &[Claim]) -> MatchPolicy {
    MatchPolicy {
        required: Required::Fields(fields.to_vec()),
        ..MatchPolicy::default()
    }
}

#[test]
fn a_field_that_is_not_required_is_reported_and_changes_no_verdict() {
    let policy = requiring(&[Claim::LastName, Claim::DateOfBirth]);
    let agrees = json!({"last_name": "Taiwo Bello", "date_of_birth": "1985-11-18", "gender": "f"});
    let (verdict, results, codes) = assessed_by(&policy, agrees, person());
    assert_eq!(verdict, Verdict::Match);
    assert_eq!(results, [Match::Match, Match::Match, Match::Mismatch]);
    assert_eq!(codes, ["gender_mismatch"]);
    let disagrees = json!({"last_name": "Okafor", "date_of_birth": "1985-11-18"});
    assert_eq!(
        assessed_by(&policy, disagrees, person()).0,
        Verdict::NoMatch
    );
}

#[test]
fn a_required_field_that_was_not_claimed_leaves_a_partial_match() {
    let policy = requiring(&[Claim::LastName, Claim::DateOfBirth]);
    for claimed in [json!({"last_name": "Taiwo Bello"}), json!({"gender": "m"})] {
        let (verdict, _, codes) = assessed_by(&policy, claimed, person());
        assert_eq!(verdict, Verdict::PartialMatch);
        assert!(
            codes.contains(&"date_of_birth_not_claimed".to_owned()),
            "{codes:?}"
        );
    }
    let wrong = json!({"last_name": "Okafor"});
    assert_eq!(assessed_by(&policy, wrong, person()).0, Verdict::NoMatch);
    let nothing = (Verdict::Found, vec![], vec![]);
    assert_eq!(assessed_by(&policy, json!({}), person()), nothing);
}

#[test]
fn the_watch_list_does_what_the_policy_says_and_is_always_reported() {
    let listed = Person {
        watch_listed: Some(true),
        ..person()
    };
    let good = json!({"first_name": "Ola"});
    let bad = json!({"first_name": "Chidi"});
    for (watch_list, of_good, of_bad, of_none) in [
        (
            WatchList::Tell,
            Verdict::Match,
            Verdict::NoMatch,
            Verdict::Found,
        ),
        (
            WatchList::PartialMatch,
            Verdict::PartialMatch,
            Verdict::NoMatch,
            Verdict::Found,
        ),
        (
            WatchList::NoMatch,
            Verdict::NoMatch,
            Verdict::NoMatch,
            Verdict::Found,
        ),
    ] {
        let policy = MatchPolicy {
            watch_list,
            ..MatchPolicy::default()
        };
        let cases = [(&good, of_good), (&bad, of_bad), (&json!({}), of_none)];
        for (claimed, expected) in cases {
            let (verdict, _, codes) = assessed_by(&policy, claimed.clone(), listed.clone());
            assert_eq!(verdict, expected, "{watch_list:?}");
            assert_eq!(codes.last().map(String::as_str), Some("watch_listed"));
        }
        assert_eq!(
            assessed_by(&policy, good.clone(), person()).0,
            Verdict::Match
        );
    }
}

#[test]
fn thresholds_are_the_policy_s() {
    let strict = MatchPolicy {
        close_spelling: 1.0,
        name_share: 1.0,
        ..MatchPolicy::default()
    };
    let loose = MatchPolicy {
        name_share: 0.4,
        ..MatchPolicy::default()
    };
    let typo = json!({"first_name": "Femmi", "last_name": "Taiwwo"});
    let two_of_five = json!({"last_name": "Taiwo Bello Okafor Eze Obi"});
    assert_eq!(
        assessed_by(&strict, json!({"last_name": "Taiwou"}), person()).0,
        Verdict::NoMatch
    );
    assert_eq!(
        assessed(json!({"last_name": "Taiwou"}), person()).0,
        Verdict::PartialMatch
    );
    assert_eq!(assessed(typo, person()).0, Verdict::PartialMatch);
    // The whole name in one field, so that no other name is in the place of the missing words.
    let whole = Person {
        first_name: None,
        middle_name: None,
        ..person()
    };
    for (policy, result) in [
        (MatchPolicy::default(), Match::Mismatch),
        (loose, Match::Partial),
    ] {
        let assessed = assessed_by(&policy, two_of_five.clone(), whole.clone());
        assert_eq!(assessed.1, [result]);
    }
}

#[test]
fn policies_are_found_by_kind() {
    let bvn = requiring(&[Claim::LastName]);
    let policies = MatchPolicies {
        of_kind: [("bvn", bvn.clone())].into(),
        ..MatchPolicies::default()
    };
    assert_eq!(policies.of("bvn"), &bvn);
    assert_eq!(policies.of("nin"), &MatchPolicy::default());
}
