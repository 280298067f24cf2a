//! Claims compared with the sandbox's awkward names.

use kyc_queue::Queue;
use kyc_tests::{CLAIMED_NAMES, Job, World};

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_compared_with_names_that_have_diacritics_are_swapped_or_missing() {
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
        (
            swapped,
            "partial_match",
            &["first_name_partial", "last_name_partial", "names_swapped"],
        ),
        (blank, "partial_match", &["date_of_birth_unknown"]),
        (wrong, "no_match", &["date_of_birth_mismatch"]),
    ] {
        comes_to(&world, &queue, &job, (verdict, reasons)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_define_what_a_match_requires() {
    let mut world = World::new().await;
    world.set("match_fields", "bvn=last_name+date_of_birth");
    world.set("watch_list", "no_match");
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let job = Job::of_case("bvn", "000");
    let claims = |of: &Job, first: &str| {
        let (last, born) = (&of.who["last_name"], &of.who["date_of_birth"]);
        serde_json::json!({ "first_name": first, "last_name": last, "date_of_birth": born })
    };
    let listed = Job::of_case("bvn", "060");
    let first = listed.who["first_name"].as_str().unwrap_or_default();
    let of_listed = claims(&listed, first);
    for (job, verdict, reasons) in [
        (
            job.clone().with("claims", claims(&job, "Nobody")),
            "match",
            &["first_name_mismatch"][..],
        ),
        (
            job.claiming(&["last_name"]),
            "partial_match",
            &["date_of_birth_not_claimed"],
        ),
        (
            listed.clone().with("claims", of_listed),
            "no_match",
            &["watch_listed"],
        ),
        (listed, "found", &["watch_listed"]),
    ] {
        comes_to(&world, &queue, &job, (verdict, reasons)).await;
    }
}

/// Asserts the verdict of a job and the codes of its reasons.
async fn comes_to(world: &World, queue: &Queue, job: &Job, expected: (&str, &[&str])) {
    let id = world.enqueue(queue, job).await;
    let known = world.end_of(queue, id).await;
    let outcome = known.outcome.unwrap();
    let reasons = outcome.reasons.iter();
    let codes: Vec<&str> = reasons.map(|reason| reason.code.as_str()).collect();
    let told = (known.verdict.as_deref().unwrap_or_default(), &codes[..]);
    assert_eq!(told, expected);
}

/// Returns a job whose claims are the names without diacritics.
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
