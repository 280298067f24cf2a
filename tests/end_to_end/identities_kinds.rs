//! The cases that concern every kind, for each kind.

use kyc_queue::{State, Verification};
use kyc_tests::{Job, World};

/// Each kind with the number of its images (photo, or photo and signature) and fields that its record must have.
const KINDS: [(&str, usize, &[&str]); 6] = [
    ("bvn", 1, &["first_name", "last_name", "bvn", "phones"]),
    ("nin", 2, &["first_name", "last_name", "phones"]),
    ("nin_phone", 2, &["first_name", "last_name", "nin"]),
    ("cac", 0, &["name", "address", "number"]),
    ("drivers_license", 1, &["first_name", "last_name"]),
    (
        "passport",
        1,
        &["first_name", "last_name", "document_number"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_found_or_not_found_and_accepts_blanks_and_other_formats() {
    let world = World::new().await;
    let queue = world.queue().await;
    let mut jobs = Vec::new();
    for (kind, images, fields) in KINDS {
        for code in ["000", "001", "002", "009"] {
            let job = Job::of_case(kind, code);
            let id = world.enqueue(&queue, &job).await;
            jobs.push((kind, code, images, fields, id, job));
        }
    }
    let _worker = world.worker("worker", &[]).await;
    for (kind, code, images, fields, id, job) in jobs {
        let known = world.end_of(&queue, id).await;
        let what = format!("{kind} {code}");
        assert_eq!(
            (known.state, known.attempts, known.calls),
            (State::Completed, 1, 1),
            "{what}"
        );
        assert_eq!(world.calls(&job), 1, "{what}");
        if code == "001" {
            assert_eq!(known.verdict.as_deref(), Some("not_found"), "{what}");
            continue;
        }
        // Fields that were sent to the provider are compared with the record, which may be blank.
        let told = match (kind, code) {
            ("passport", "002") => "partial_match",
            ("cac" | "passport", _) => "match",
            _ => "found",
        };
        assert_eq!(known.verdict.as_deref(), Some(told), "{what}");
        check(&what, &known, images, fields);
        let first = known.outcome.unwrap().images.into_iter().next();
        let png = first.is_none_or(|photo| (photo.media_type == "image/png") == (code == "009"));
        assert!(png, "{what}");
    }
    world.nothing_left(&queue).await;
}

fn check(what: &str, known: &Verification, images: usize, fields: &[&str]) {
    let outcome = known.outcome.as_ref().unwrap();
    assert_eq!(outcome.images.len(), images, "{what}");
    for image in &outcome.images {
        assert!(
            image.width > 0 && image.height > 0 && image.bytes > 100,
            "{what}"
        );
        assert_eq!(image.sha256.len(), 64, "{what}");
    }
    let record = serde_json::to_value(&outcome.record).unwrap();
    for field in fields {
        // Case 002 has blank fields. A number that was not requested is one of them.
        let may_be_blank = what == "nin_phone 002" && *field == "nin";
        assert!(
            may_be_blank || !record[*field].is_null(),
            "{what}: {field} is blank"
        );
    }
    assert!(
        outcome.provider_data.is_some(),
        "{what}: the provider's own JSON"
    );
    assert_eq!(outcome.call_details.http_status, Some(200), "{what}");
}
