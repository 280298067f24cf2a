//! The compared records: made-up people and a company, from cheap to expensive comparisons.

use kyc_domain::{Claims, Company, Person, Record, RecordDate};
use kyc_kinds::{Rules, parse};
use serde_json::{Value, json};

/// One comparison.
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) claims: Claims,
    pub(crate) record: Record,
}

/// Returns all comparisons.
pub(crate) fn cases() -> Vec<Case> {
    let same = [
        "Oluwaseun",
        "Femi",
        "Taiwo-Bello",
        "1985-11-18",
        "08075461234",
        "male",
    ];
    let spelt = [
        "Oluwasheun",
        "Femmi",
        "Bello Taiwoh",
        "1985-11-18",
        "+234 807 546 1234",
        "m",
    ];
    let other = [
        "Chukwuemeka",
        "Ikenna",
        "Nwachukwu-Okafor",
        "1990-01-02",
        "08031234567",
        "f",
    ];
    let plain = ["Oluwaseun", "Femi", "TAIWO-BELLO"];
    let marked = ["Olúwáṣeun", "Fẹ́mi", "Táíwò-Bẹ́llò"];
    let divided = ["Oluwa Seun", "Femi", "TAIWO BELLO"];
    let of = |what, claimed, known| Case {
        what,
        claims: bvn(claimed),
        record: person(known),
    };
    vec![
        of("a person, all agrees", same, plain),
        of("a person, the record with diacritics", same, marked),
        of(
            "a person, the record divides words elsewhere",
            same,
            divided,
        ),
        of("a person, other spellings", spelt, plain),
        of(
            "a person, other spellings, the record with diacritics",
            spelt,
            marked,
        ),
        of("another person", other, plain),
        of("another person, the record with diacritics", other, marked),
        company(
            "a company, all agrees",
            "FAHEY AND SONS LTD",
            "12 Broad St, Lagos",
        ),
        company(
            "another company",
            "Delta Star Haulage Plc",
            "4 Awolowo Road, Ikoyi",
        ),
    ]
}

fn bvn([first, middle, last, born, phone, gender]: [&str; 6]) -> Claims {
    claims(&json!({
        "kind": "bvn", "bvn": "22200000000", "claims": {
            "first_name": first, "middle_name": middle, "last_name": last,
            "date_of_birth": born, "phone": phone, "gender": gender,
        },
    }))
}

fn claims(job: &Value) -> Claims {
    let request = parse(job.to_string().as_bytes(), Rules::default());
    request.expect("the job is valid").claims
}

fn person([first, middle, last]: [&str; 3]) -> Record {
    Record::Person(Box::new(Person {
        first_name: Some(first.to_owned()),
        middle_name: Some(middle.to_owned()),
        last_name: Some(last.to_owned()),
        gender: Some("Male".to_owned()),
        date_of_birth: Some(RecordDate::read("18-11-1985")),
        phones: vec!["+234 803 999 8888".to_owned(), "08075461234".to_owned()],
        ..Person::default()
    }))
}

fn company(what: &'static str, name: &str, address: &str) -> Case {
    let job = json!({
        "kind": "cac", "rc_number": "RC1234000", "company_name": name,
        "claims": {"company_name": name, "address": address, "email": "Info@Fahey.example"},
    });
    let record = Record::Company(Box::new(Company {
        name: Some("Fahey & Sons (Nig.) Limited".to_owned()),
        address: Some("No. 12, Broad Street, Lagos State".to_owned()),
        email: Some("info@fahey.example".to_owned()),
        ..Company::default()
    }));
    Case {
        what,
        claims: claims(&job),
        record,
    }
}
