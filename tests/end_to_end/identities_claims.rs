//! Claims held against the sandbox's awkward names.

use kyc_tests::{CLAIMED_NAMES, Job, World};

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_held_against_names_with_diacritics_swapped_and_missing() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let swapped = Job::of_case("bvn", "062").claiming(&CLAIMED_NAMES);
    let blank = Job::of_case("bvn", "002").claiming(&CLAIMED_NAMES);
    let wrong = Job::of_case("bvn", "000").with(
        "claims",
        serde_json::json!({ "date_of_birth": "1901-01-01" }),
    );
    for (job, verdict, reasons) in [
        (
            typed("22212345061", ["Mas'uda", "Ɓaure"], ["MASUDA", "Baure"]),
            "match",
            &[][..],
        ),
        (
            typed(
                "22212348061",
                ["Ọládélé", "Ọláníyan"],
                ["Oladele", "OLANIYAN"],
            ),
            "match",
            &[],
        ),
        (
            typed("22212350061", ["Ẹ́sẹ", "Ìyámù"], ["Ese", "Iyamu"]),
            "match",
            &[],
        ),
        (swapped, "match", &["names_swapped"]),
        (blank, "partial_match", &["date_of_birth_unknown"]),
        (wrong, "no_match", &["date_of_birth_mismatch"]),
    ] {
        let id = world.enqueue(&queue, &job).await;
        let known = world.end_of(&queue, id).await;
        let outcome = known.outcome.unwrap();
        let codes: Vec<&str> = outcome
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        assert_eq!(
            (known.verdict.as_deref(), codes.as_slice()),
            (Some(verdict), reasons)
        );
    }
}

/// A job whose claims are the names as a plain keyboard writes them.
fn typed(number: &str, names: [&str; 2], claimed: [&str; 2]) -> Job {
    let job = Job::new("bvn", number);
    assert_eq!(
        [&job.who["first_name"], &job.who["last_name"]],
        names,
        "the sandbox has other people"
    );
    let claims = serde_json::json!({ "first_name": claimed[0], "last_name": claimed[1] });
    job.with("claims", claims)
}
