//! Properties that hold for any text.

use kyc_domain::{
    Company, Match, MatchPolicy, Person, Record, RecordDate, assess, matching::Assessment,
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::support::{claimed_names, claims, person};

/// Random texts, and texts that resemble names.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[A-Za-zɓɗƙẹọṣ'’. -]{0,30}",
        "[a-c]{1,3}( [a-c]{1,3}){0,3}"
    ]
}

type Names = [Option<String>; 4];

fn names() -> impl Strategy<Value = Names> {
    [
        option::of(text()),
        option::of(text()),
        option::of(text()),
        option::of(text()),
    ]
}

fn claimed() -> impl Strategy<Value = Value> {
    let name = || option::of(text());
    (name(), name(), name()).prop_map(
        |(first, middle, last)| json!({"first_name": first, "middle_name": middle, "last_name": last}),
    )
}

fn named([first, middle, last, maiden]: Names) -> Person {
    Person {
        first_name: first,
        middle_name: middle,
        last_name: last,
        maiden_name: maiden,
        ..Person::default()
    }
}

fn assessed(value: &Value, person: Person) -> Assessment {
    let record = Record::Person(Box::new(person));
    assess(&claims(value), &record, &MatchPolicy::default())
}

fn word() -> impl Strategy<Value = String> {
    // A filler is not a name.
    let fillers = ["na", "nil", "none", "null", "xxx", "unknown"];
    let words = prop_oneof!["[a-z]{2,9}", "(oluwa|chukwu|ade|abdul|chi)[a-z]{0,5}"];
    words.prop_filter("a filler", move |word| !fillers.contains(&word.as_str()))
}

proptest! {
    #[test]
    fn scores_stay_between_0_and_1_and_agree_with_the_result(value in claimed(), names in names()) {
        for check in assessed(&value, named(names)).checks {
            prop_assert!((0.0..=1.0).contains(&check.score));
            prop_assert_eq!(check.score >= 1.0, check.result == Match::Match, "{}", check.rule);
        }
    }

    #[test]
    fn a_blank_is_never_a_mismatch(value in claimed(), names in names()) {
        for check in assessed(&value, named(names.clone())).checks {
            let at = ["first_name", "middle_name", "last_name"].iter().position(|field| *field == check.field);
            let letters = at.and_then(|at| names[at].as_deref()).unwrap_or_default();
            if !letters.nfkd().any(char::is_alphanumeric) {
                prop_assert_ne!(check.result, Match::Mismatch, "{}", check.rule);
            }
        }
    }

    #[test]
    fn a_record_agrees_with_itself(words in vec(vec(word(), 1..3), 3)) {
        let [first, middle, last] = [0, 1, 2].map(|at| words[at].join(" "));
        let name = format!("{first}|{middle}|{last}");
        let assessment = assess(&claimed_names(&name), &person(&name), &MatchPolicy::default());
        prop_assert_eq!(assessment.verdict.as_str(), "match");
    }

    #[test]
    fn a_lost_letter_is_never_a_mismatch(names in vec("[b-df-h][a-z]{2,8}", 3), lost in vec(any::<bool>(), 27), sign in "[?\u{FFFD}]") {
        let mut lost = lost.into_iter();
        let mut damaged = |name: &String| -> String {
            let (first, rest) = name.split_at(1);
            let rest = rest.chars().map(|c| if lost.next() == Some(true) { sign.clone() } else { c.to_string() });
            std::iter::once(first.to_owned()).chain(rest).collect()
        };
        let record: Vec<String> = names.iter().map(&mut damaged).collect();
        for (claimed, known) in [(&names, &record), (&record, &names), (&record, &record)] {
            let assessment = assess(&claimed_names(&claimed.join("|")), &person(&known.join("|")), &MatchPolicy::default());
            for (check, (one, other)) in assessment.checks.iter().zip(claimed.iter().zip(known)) {
                prop_assert_ne!(check.result, Match::Mismatch, "{} {}: {}", one, other, check.rule);
            }
        }
    }

    #[test]
    fn the_order_of_words_does_not_matter(
        claimed in vec(word(), 1..4), known in vec(word(), 1..4), turn in 0usize..4, turn_known in 0usize..4,
    ) {
        let turned = |words: &[String], turn: usize| {
            let mut words = words.to_vec();
            let turn = turn % words.len();
            words.rotate_left(turn);
            words.join(" ")
        };
        let results = |claimed: String, known: String| {
            let assessment = assess(&claimed_names(&claimed), &person(&known), &MatchPolicy::default());
            assessment.checks.into_iter().map(|check| (check.result, check.rule)).collect::<Vec<_>>()
        };
        let straight = results(claimed.join(" "), known.join(" "));
        prop_assert_eq!(&straight, &results(turned(&claimed, turn), turned(&known, turn_known)));
        prop_assert_eq!(&straight, &results(claimed.iter().rev().cloned().collect::<Vec<_>>().join("-"), known.join(" ")));
    }

    #[test]
    fn case_marks_and_composition_do_not_matter(value in "[A-Za-z]{1,8}( [A-Za-z]{1,8}){0,2}", known in "[A-Za-zẹọṣńúƙ]{1,9}") {
        let results = |claimed: &str, known: &str| {
            assess(&claimed_names(claimed), &person(known), &MatchPolicy::default()).checks
        };
        let straight = results(&value, &known);
        let marked: String = value.chars().flat_map(|c| [Some(c), c.is_alphabetic().then_some('\u{323}')]).flatten().collect();
        for other in [value.to_uppercase(), value.to_lowercase(), marked.clone(), marked.nfc().collect()] {
            prop_assert_eq!(&straight, &results(&other, &known));
        }
        for other in [known.to_uppercase(), known.nfd().collect(), known.nfc().collect()] {
            prop_assert_eq!(&straight, &results(&value, &other));
        }
    }

    #[test]
    fn any_record_can_be_assessed(texts in vec(text(), 7)) {
        let at = |at: usize| Some(texts[at].clone());
        let person = Person {
            date_of_birth: Some(RecordDate::read(&texts[0])),
            expiry_date: Some(RecordDate::read(&texts[1])),
            phones: vec![texts[2].clone(), texts[3].clone()],
            gender: at(4),
            nin: at(5),
            email: at(6),
            ..Person::default()
        };
        let value = json!({
            "date_of_birth": "1993-10-06", "expiry_date": "2030-01-20", "phone": "08031234567", "gender": "m",
            "nin": "12345678901", "email": "a@b.c",
        });
        for check in assessed(&value, person).checks {
            prop_assert!((0.0..=1.0).contains(&check.score));
        }
        let company = Company { name: at(0), address: at(1), email: at(2), ..Company::default() };
        let value = json!({"company_name": texts[3], "address": texts[4], "email": texts[5]});
        let record = Record::Company(Box::new(company));
        for check in assess(&claims(&value), &record, &MatchPolicy::default()).checks {
            prop_assert!((0.0..=1.0).contains(&check.score));
        }
    }

    #[test]
    fn any_text_can_be_read_as_a_date(text in "\\PC{0,30}|[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ][0-9]{1,5}( [0-9:]{1,8})?") {
        let date = RecordDate::read(&text);
        if let Some(other) = date.month_first() {
            prop_assert_eq!(date.date.map(|day| (day.day(), day.month())), Some((other.month() , other.day())));
        }
        if let Ok(day) = kyc_domain::date::claimed(&text) {
            prop_assert_eq!(date.month_first(), None);
            prop_assert!(date.date.is_none_or(|known| known == day));
        }
    }
}
