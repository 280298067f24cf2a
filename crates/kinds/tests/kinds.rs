//! Tests that apply to every kind in the table.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::number::Validation;
use kyc_kinds::{KINDS, Kind, Rules, parse};
use serde_json::{Map, Value, json};

fn job(kind: &Kind, number: &str) -> Map<String, Value> {
    let mut job = Map::new();
    job.insert("kind".into(), kind.name.into());
    job.insert(kind.field.into(), number.into());
    for field in kind.required {
        let value = if *field == "date_of_birth" {
            "1986-01-20"
        } else {
            "Okafor"
        };
        job.insert((*field).into(), value.into());
    }
    job
}

fn parsed(job: Map<String, Value>) -> Result<kyc_domain::Request, String> {
    parse(Value::Object(job).to_string().as_bytes(), Rules::default()).map_err(|e| e.to_string())
}

#[test]
fn the_example_of_every_kind_is_accepted_and_survives_its_own_json() {
    for kind in KINDS {
        let request = parsed(job(kind, kind.example)).unwrap();
        let again = parse(request.to_json().as_bytes(), Rules::ACCEPTED).unwrap();
        assert_eq!(request.to_json(), again.to_json(), "{}", kind.name);
        let endpoint = (kind.lookup)(&request.subject).unwrap().endpoint();
        assert_eq!(endpoint.name(), kind.name);
    }
}

#[test]
fn every_kind_names_the_field_of_a_wrong_number_and_never_its_value() {
    for kind in KINDS {
        let refused = parsed(job(kind, "4711-XYZ-not-a-number")).unwrap_err();
        assert!(refused.starts_with(kind.field), "{refused}");
        assert!(!refused.contains("4711"), "{refused}");
    }
}

#[test]
fn every_demand_and_every_claim_is_checked_by_its_name() {
    for kind in KINDS {
        for field in kind.required {
            let mut incomplete = job(kind, kind.example);
            incomplete.remove(*field);
            let refused = parsed(incomplete).unwrap_err();
            assert!(
                refused.starts_with(&format!("{field} is missing")),
                "{refused}"
            );
        }
        let mut wrong = job(kind, kind.example);
        wrong.insert("claims".into(), json!({"shoe_size": "43"}));
        let refused = parsed(wrong).unwrap_err();
        let told = refused.starts_with("claims has a field that is not known");
        assert!(told && !refused.contains("shoe_size"), "{refused}");
    }
}

#[test]
fn debug_of_a_request_shows_no_number_and_no_name() {
    for kind in KINDS {
        let text = format!("{:?}", parsed(job(kind, kind.example)).unwrap());
        let digits: String = kind.example.chars().filter(char::is_ascii_digit).collect();
        assert!(
            !text.contains(&digits) && !text.contains("Okafor"),
            "{text}"
        );
    }
}

#[test]
fn what_would_show_the_number_is_refused() {
    let shown = json!({"kind": "bvn", "bvn": "22200000000", "reference": "bvn-22200000000"});
    let refused = parse(shown.to_string().as_bytes(), Rules::default()).unwrap_err();
    assert_eq!(refused.first().field, "reference");
}

#[test]
fn terms_are_checked_one_by_one() {
    let cases = [
        ("priority", json!("urgent"), "priority is not a priority"),
        ("deadline", json!("tomorrow"), "deadline is not a time"),
        (
            "max_attempts",
            json!(0),
            "max_attempts is not a number of attempts",
        ),
        ("tenant", json!("../x"), "tenant is not a tenant"),
        (
            "callback_url",
            json!("ftp://x"),
            "callback_url is not a web address",
        ),
        (
            "consent",
            json!({"obtained_at": "2026-01-01T00:00:00Z"}),
            "consent.reference is missing",
        ),
        ("bvn", json!(22_200_000_000_u64), "bvn is not text"),
    ];
    for (field, value, problem) in cases {
        let mut job = json!({"kind": "bvn", "bvn": "22200000000"});
        job[field] = value;
        let refused = parse(job.to_string().as_bytes(), Rules::default()).unwrap_err();
        assert!(refused.to_string().starts_with(problem), "{refused}");
    }
}

#[test]
fn consent_is_demanded_only_where_the_rules_say_so() {
    let job = br#"{"kind": "bvn", "bvn": "22200000000"}"#;
    let rules = Rules {
        require_consent: true,
        ..Rules::default()
    };
    assert_eq!(parse(job, rules).unwrap_err().first().field, "consent");
    assert!(parse(job, Rules::default()).is_ok());
}

#[test]
fn times_further_ahead_than_jobs_may_wait_are_refused() {
    let rules = Rules {
        keep_waiting: Some(Duration::from_secs(30 * 24 * 3600)),
        ..Rules::default()
    };
    let at = |hours: u64| (Timestamp::now() + Duration::from_secs(hours * 3600)).to_string();
    for field in ["not_before", "deadline"] {
        let job = |hours: u64| {
            let job = json!({"kind": "bvn", "bvn": "22200000000", field: at(hours)});
            job.to_string().into_bytes()
        };
        assert!(parse(&job(719), rules).is_ok(), "{field}");
        let refused = parse(&job(721), rules).unwrap_err().to_string();
        for part in [field, "30 d", "keep_waiting"] {
            assert!(refused.contains(part), "{part} is missing in: {refused}");
        }
        assert!(parse(&job(721), Rules::ACCEPTED).is_ok());
        let past = json!({"kind": "bvn", "bvn": "22200000000", field: "2001-01-31T14:30:00Z"});
        assert!(parse(past.to_string().as_bytes(), rules).is_ok());
    }
    let brief = Rules {
        keep_waiting: Some(Duration::from_secs(3600)),
        ..Rules::default()
    };
    let job = format!(
        r#"{{"kind": "bvn", "bvn": "22200000000", "deadline": "{}"}}"#,
        at(2)
    );
    let refused = parse(job.as_bytes(), brief).unwrap_err().to_string();
    assert!(refused.contains("at most 1 h ahead"), "{refused}");
}

#[test]
fn lenient_rules_accept_the_samples_of_the_provider() {
    let rules = Rules {
        validation: Validation::Lenient,
        ..Rules::default()
    };
    let job = br#"{"kind": "drivers_license", "license_number": "FL-3245"}"#;
    assert!(parse(job, rules).is_ok());
    assert!(parse(job, Rules::default()).is_err());
}

#[test]
fn what_is_not_a_job_is_refused_with_an_example() {
    for (job, problem) in [
        ("[]", "is not a JSON object"),
        ("{", "is not JSON"),
        ("{}", "is missing or not known"),
    ] {
        let refused = parse(job.as_bytes(), Rules::default()).unwrap_err();
        assert!(refused.first().problem.starts_with(problem), "{refused}");
        assert!(!refused.first().remedy.is_empty());
    }
}

#[test]
fn the_readme_shows_every_row() {
    let readme = include_str!("../README.md");
    for kind in KINDS {
        let start = format!("| `{}` | `{}`: ", kind.name, kind.field);
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row of {}", kind.name));
        let required = kind
            .required
            .iter()
            .all(|field| row.contains(&format!("`{field}`")));
        assert!(required, "{row}");
        let images = if kind.images.is_empty() {
            "–".to_owned()
        } else {
            kind.images.join(", ")
        };
        assert!(row.ends_with(&format!("| {images} |")), "{row}");
    }
}

#[test]
fn numbers_are_found_in_a_reference_however_they_are_written() {
    let cases = [
        (
            json!({"kind": "nin_phone", "phone": "08031234000", "reference": "+234 803-123-4000"}),
            true,
        ),
        (
            json!({"kind": "bvn", "bvn": "22200000000", "claims": {"phone": "08031234567"}, "reference": "8031234567"}),
            true,
        ),
        (
            json!({"kind": "cac", "rc_number": "RC1234567", "company_name": "A", "reference": "RC1234567"}),
            false,
        ),
        (
            json!({"kind": "bvn", "bvn": "22200000000", "reference": "loan-22200000001"}),
            false,
        ),
    ];
    for (job, refused) in cases {
        let parsed = parse(job.to_string().as_bytes(), Rules::default());
        assert_eq!(parsed.is_err(), refused, "{:?}", parsed.err());
    }
}

#[test]
fn a_job_of_unreasonable_size_is_refused_before_it_is_read() {
    let job = format!(r#"{{"kind": "bvn", "bvn": "{}"}}"#, "2".repeat(70_000));
    assert_eq!(
        parse(job.as_bytes(), Rules::default())
            .unwrap_err()
            .first()
            .problem,
        "is larger than 64 KiB"
    );
}

#[test]
fn dates_that_can_mean_one_day_only_are_normalised_and_others_refused() {
    let claiming = |date: &str| {
        let mut job = job(kyc_kinds::find("bvn").unwrap(), "22200000000");
        job.insert("claims".into(), json!({ "date_of_birth": date }));
        parsed(job)
    };
    for (written, stored) in [
        ("1985-11-18", "1985-11-18"),
        ("18-11-1985", "1985-11-18"),
        ("01-Jan-2000", "2000-01-01"),
        ("1 January 2000", "2000-01-01"),
    ] {
        let json = claiming(written).unwrap().to_json();
        let date = format!(r#""claims":{{"date_of_birth":"{stored}"}}"#);
        assert!(json.contains(&date), "{written}");
    }
    let refused = claiming("10/06/1993").unwrap_err();
    assert!(
        refused.starts_with("claims.date_of_birth can mean two days; write it as year-month-day"),
        "{refused}"
    );
    assert!(!refused.contains("1993"), "{refused}");
    let mut passport = job(kyc_kinds::find("passport").unwrap(), "A01234000");
    passport.insert("date_of_birth".into(), "10/06/1993".into());
    let refused = parsed(passport).unwrap_err();
    assert!(
        refused.starts_with("date_of_birth can mean two days"),
        "{refused}"
    );
}

#[test]
fn what_a_kind_demands_can_be_masked_as_a_claim() {
    let claims = kyc_domain::Claim::ALL.map(kyc_domain::Claim::name);
    for kind in KINDS {
        for field in kind.required {
            assert!(claims.contains(field), "{field} of {}", kind.name);
        }
    }
}
