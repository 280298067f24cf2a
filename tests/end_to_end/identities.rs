//! Every case of the sandbox through the whole system, with a BVN of that case. `identities_parking` has the cases that park
//! a kind.

use kyc_queue::{State, Verification};
use kyc_sandbox::Config;
use kyc_tests::{Job, World};
use std::time::Duration;

use crate::raw;

/// The result of a case. `ends` is the verdict of a completed job, or the code of a dead one.
struct Row {
    code: &'static str,
    state: State,
    ends: &'static str,
    reasons: &'static [&'static str],
    images: usize,
    attempts: u32,
    unanswered: u32,
}

const fn found(
    code: &'static str,
    reasons: &'static [&'static str],
    images: usize,
    attempts: u32,
) -> Row {
    Row {
        code,
        state: State::Completed,
        ends: "found",
        reasons,
        images,
        attempts,
        unanswered: 0,
    }
}

const fn other(code: &'static str, verdict: &'static str, reasons: &'static [&'static str]) -> Row {
    Row {
        code,
        state: State::Completed,
        ends: verdict,
        reasons,
        images: 0,
        attempts: 1,
        unanswered: 0,
    }
}

const fn dead(code: &'static str, why: &'static str, unanswered: u32) -> Row {
    Row {
        code,
        state: State::Dead,
        ends: why,
        reasons: &[],
        images: 0,
        attempts: 3,
        unanswered,
    }
}

/// The results with at most three attempts and no claims.
#[rustfmt::skip]
const ROWS: [Row; 24] = [
    found("000", &[], 1, 1),
    other("001", "not_found", &["record_not_found"]),
    found("002", &[], 1, 1),
    found("003", &["image_undecodable"], 0, 1),
    found("004", &["image_missing"], 0, 1),
    found("005", &[], 1, 1),
    found("006", &[], 1, 1),
    found("007", &[], 1, 1),
    found("008", &[], 1, 1),
    found("009", &[], 1, 1),
    found("020", &[], 1, 2),
    dead("021", "http_500", 0),
    dead("030", "timeout_after_send", 3),
    found("031", &[], 1, 1),
    dead("032", "cut_in_body", 3),
    dead("033", "truncated", 3),
    dead("034", "no_answer", 0),
    Row { attempts: 1, ..dead("035", "unreadable_answer", 1) },
    other("043", "rejected", &["input_rejected"]),
    other("044", "rejected", &["input_rejected"]),
    dead("050", "envelope_error", 0),
    found("060", &["watch_listed"], 1, 1),
    found("061", &[], 1, 1),
    found("062", &[], 1, 1),
];

/// Quick retries, time-outs that a test can wait for, and no circuit.
const QUICK: [(&str, &str); 6] = [
    ("retry_first", "20ms"),
    ("retry_longest", "50ms"),
    ("call_timeout", "2s"),
    ("connect_timeout", "1s"),
    ("max_attempts", "3"),
    // Jobs that always fail have to die.
    ("circuit_failures", "0"),
];

async fn world() -> World {
    let config = Config {
        slow_body: Duration::from_millis(500),
        ..Config::default()
    };
    let mut world = World::with(config).await;
    for (key, value) in QUICK {
        world.set(key, value);
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_that_parks_nothing_ends_as_its_row_says() {
    let world = world().await;
    // Draws the images now, so that drawing them does not look like a slow provider.
    raw::warm_up(&world, &["005", "009"]).await;
    let queue = world.queue().await;
    let mut jobs = Vec::new();
    for row in &ROWS {
        let job = Job::of_case("bvn", row.code);
        jobs.push((row, world.enqueue(&queue, &job).await, job));
    }
    let _worker = world.worker("worker", &[]).await;
    for (row, id, job) in &jobs {
        let known = world.end_of(&queue, *id).await;
        check(row, &known, world.calls(job));
    }
    let mut published = world.published(&queue).await;
    assert_eq!(published.len(), ROWS.len());
    published.retain(|result| result.state == "dead");
    assert_eq!(published.len(), 7, "{published:?}");
    world.nothing_left(&queue).await;
}

fn check(row: &Row, known: &Verification, seen: u64) {
    let code = row.code;
    let ends = match row.state {
        State::Completed => &known.verdict,
        _ => &known.code,
    };
    assert_eq!(known.state, row.state, "{code}: {known:?}");
    assert_eq!(ends.as_deref(), Some(row.ends), "{code}");
    assert_eq!(known.attempts, row.attempts, "attempts of {code}");
    assert_eq!(known.calls, row.attempts, "calls of {code}");
    assert_eq!(seen, u64::from(row.attempts), "calls that {code} made");
    assert_eq!(
        known.unanswered_calls, row.unanswered,
        "unanswered calls of {code}"
    );
    assert_eq!(known.stalls, 0, "{code}");
    assert_eq!(
        known.history.len(),
        known.attempts as usize,
        "history of {code}"
    );
    check_outcome(row, known);
}

fn check_outcome(row: &Row, known: &Verification) {
    let code = row.code;
    let Some(outcome) = &known.outcome else {
        assert_eq!(row.state, State::Dead, "{code} has no outcome");
        assert!(
            known.sentence.as_ref().is_some_and(|said| said.len() > 10),
            "{code}"
        );
        return;
    };
    let reasons: Vec<&str> = outcome
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    assert_eq!(reasons, row.reasons, "{code}");
    assert_eq!(outcome.images.len(), row.images, "images of {code}");
    assert_eq!(outcome.record.is_some(), row.ends == "found", "{code}");
    assert!(
        outcome.call_details.sandbox || row.ends != "found",
        "{code}"
    );
    if row.ends == "rejected" {
        assert!(
            outcome.message.as_ref().is_some_and(|said| said.len() > 10),
            "{code} keeps the provider's words"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_stored_unchanged_in_whatever_encoding_they_are_sent() {
    let world = world().await;
    raw::warm_up(&world, &["005", "009"]).await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let blobs = raw::blobs(&world);
    for (code, media_type) in [
        ("005", "image/jpeg"),
        ("006", "image/jpeg"),
        ("007", "image/jpeg"),
        ("008", "image/jpeg"),
        ("009", "image/png"),
    ] {
        let job = Job::of_case("bvn", code);
        let id = world.enqueue(&queue, &job).await;
        let outcome = world.end_of(&queue, id).await.outcome.unwrap();
        let [image] = &outcome.images[..] else {
            panic!("{code} has {} images", outcome.images.len());
        };
        let sent = raw::photo(&world, &job).await;
        assert_eq!(image.sha256, kyc_blobs::sha256(&sent), "{code}");
        assert_eq!(
            (image.media_type.as_str(), image.bytes),
            (media_type, sent.len()),
            "{code}"
        );
        assert!(code != "005" || image.bytes > 4_000_000, "{}", image.bytes);
        let key = queue.data_key(id).await.unwrap().unwrap();
        let opened = blobs
            .open_image(&key, &image.name, &image.key)
            .await
            .unwrap();
        let decoded = image::load_from_memory(&opened.bytes).unwrap();
        assert_eq!(
            (decoded.width(), decoded.height()),
            (image.width, image.height)
        );
    }
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_over_the_limit_is_a_reason_and_the_record_is_kept() {
    let mut world = world().await;
    world.set("max_image_bytes", "1MiB");
    raw::warm_up(&world, &["005"]).await;
    let queue = world.queue().await;
    let id = world.enqueue(&queue, &Job::of_case("bvn", "005")).await;
    let _worker = world.worker("worker", &[]).await;
    let known = world.end_of(&queue, id).await;
    let outcome = known.outcome.unwrap();
    assert_eq!(outcome.reasons[0].code, "image_too_large");
    assert!(outcome.images.is_empty() && outcome.record.is_some());
    assert_eq!((known.attempts, known.calls), (1, 1));
}
