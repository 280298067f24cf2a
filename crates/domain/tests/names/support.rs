//! Reads the rows of the tables and compares them with the results of `assess`.

use kyc_domain::{
    Claim, Claims, Company, Fields, MatchPolicy, Person, Record, assess, matching::Assessment,
};
use serde_json::{Map, Value, json};

/// The claim, the record, the expected results, and a note.
pub(crate) type Row = (&'static str, &'static str, &'static str, &'static str);

/// Checks every row of a table of persons, and reports all failing rows at once.
pub(crate) fn persons(rows: &[Row]) {
    let assessed = |claimed: &str, known: &str| {
        assess(
            &claimed_names(claimed),
            &person(known),
            &MatchPolicy::default(),
        )
    };
    check(rows, assessed);
}

/// Checks every row of a table about one field of a company.
pub(crate) fn companies(field: &str, rows: &[Row]) {
    let assessed = |claimed: &str, known: &str| {
        let known = Some(known.to_owned());
        let company = match field {
            "address" => Company {
                address: known,
                ..Company::default()
            },
            "email" => Company {
                email: known,
                ..Company::default()
            },
            _ => Company {
                name: known,
                ..Company::default()
            },
        };
        let claims = claims(&json!({ field: claimed }));
        assess(
            &claims,
            &Record::Company(Box::new(company)),
            &MatchPolicy::default(),
        )
    };
    check(rows, assessed);
}

/// Checks every row of a table about one field of a person. `known` creates the record from the text.
pub(crate) fn field(field: &str, known: fn(&str) -> Person, rows: &[Row]) {
    let assessed = |claimed: &str, text: &str| {
        let record = Record::Person(Box::new(known(text)));
        assess(
            &claims(&json!({ field: claimed })),
            &record,
            &MatchPolicy::default(),
        )
    };
    check(rows, assessed);
}

fn check(rows: &[Row], assessed: impl Fn(&str, &str) -> Assessment) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(claimed, known, expected, why)| {
            let assessment = assessed(claimed, known);
            let actual = actual(&assessment);
            let as_expected = agrees(&actual, expected);
            let line = format!("{claimed} / {known}: expected {expected} ({why}), got {actual}");
            (!as_expected).then_some(line)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Returns the results as a row writes them: `match:all_words mismatch:words_differ +names_swapped`.
fn actual(assessment: &Assessment) -> String {
    let checks = assessment.checks.iter().map(|check| {
        let result = serde_json::to_value(check.result).expect("it is a plain enum");
        format!("{}:{}", result.as_str().unwrap_or_default(), check.rule)
    });
    let beside = assessment.reasons.iter().map(|reason| reason.code.as_str());
    let beside = beside.filter(|code| {
        matches!(*code, "names_swapped" | "names_rotated" | "maiden_name")
            || code.ends_with("_ambiguous")
            || code.ends_with("_day_and_month_swapped")
            || code.ends_with("_close_to_midnight")
    });
    let all: Vec<String> = checks
        .chain(beside.map(|code| format!("+{code}")))
        .collect();
    all.join(" ")
}

/// Compares word by word. An expected result without a rule agrees with any rule.
fn agrees(actual: &str, expected: &str) -> bool {
    let one = |(actual, expected): (&str, &str)| {
        actual == expected || actual.split(':').next() == Some(expected)
    };
    actual.split(' ').count() == expected.split(' ').count()
        && actual.split(' ').zip(expected.split(' ')).all(one)
}

/// Splits a text into first, middle, last and maiden name.
fn split(text: &str) -> [Option<&str>; 4] {
    let given = |text: &'_ str| (!text.is_empty()).then_some(text.len());
    let parts: Vec<&str> = text.split('|').collect();
    let [first, middle, last, maiden] = match parts[..] {
        [last] => ["", "", last, ""],
        [first, last] => [first, "", last, ""],
        [first, middle, last] => [first, middle, last, ""],
        [first, middle, last, maiden] => [first, middle, last, maiden],
        _ => panic!("{text} has too many fields"),
    };
    [first, middle, last, maiden].map(|text| given(text).map(|_| text))
}

/// Returns the claims of the names in a row.
pub(crate) fn claimed_names(text: &str) -> Claims {
    let [first, middle, last, _] = split(text);
    claims(&json!({"first_name": first, "middle_name": middle, "last_name": last}))
}

/// Returns a record with the names of a row.
pub(crate) fn person(text: &str) -> Record {
    let [first, middle, last, maiden] = split(text).map(|name| name.map(str::to_owned));
    Record::Person(Box::new(Person {
        first_name: first,
        middle_name: middle,
        last_name: last,
        maiden_name: maiden,
        ..Person::default()
    }))
}

/// Reads claims as a producer sends them.
pub(crate) fn claims(value: &Value) -> Claims {
    let mut object = Map::new();
    object.insert("claims".to_owned(), value.clone());
    let mut fields = Fields::new(object);
    let claims = Claims::read(&mut fields, &Claim::ALL);
    fields
        .finish(Some(claims))
        .expect("the claims of a row are accepted")
}
