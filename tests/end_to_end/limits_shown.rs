//! Limits in use: the reason why a job was not sent yet, the used part of a limit, and the metrics about it.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_queue::{ACCOUNT, Queue};
use kyc_sandbox::Config;
use kyc_tests::{Job, World, eventually};
use serde_json::Value;

use crate::{jobs::lines, limits_cli::row, page::Port};

/// Enqueues `count` jobs of a kind, and returns their ids in order.
async fn jobs(world: &World, queue: &Queue, kind: &str, count: usize) -> Vec<VerificationId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(world.enqueue(queue, &Job::of_case(kind, "000")).await);
    }
    ids
}

/// Waits until a job waits for this reason. Returns the sentence about it, and `waiting` of the JSON.
async fn waits(world: &World, id: VerificationId, why: &str) -> (String, Value) {
    let id = id.to_string();
    let told = eventually(&format!("it waits: {why}"), async || {
        let shown = world.run(["jobs", "show", &id, "--json"]).await;
        let told = lines(&shown.out).remove(0);
        (told["waiting"]["why"] == why).then(|| told["waiting"].clone())
    })
    .await;
    let shown = world.run(["jobs", "show", &id]).await;
    assert_eq!(shown.code, 3, "{shown:?}");
    let is_it = |line: &&str| line.starts_with("why not yet");
    let sentence = shown.out.lines().find(is_it).unwrap().to_owned();
    (sentence, told)
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_shows_its_turn_by_the_rate() {
    let world = World::new().await;
    let queue = world.queue().await;
    let rate = ["limits", "set", "bvn", "--rate", "1/h"];
    world.run(rate).await.good();
    let ids = jobs(&world, &queue, "bvn", 3).await;
    let (sentence, _) = waits(&world, ids[2], "ready").await;
    has(
        &sentence,
        &["No pause and no limit holds it", "2 jobs of its kind"],
    );
    let shown = world.run(["jobs", "show", &ids[2].to_string()]).await;
    has(&shown.err, &["No live worker", "kyc work"]);
    // On a slow machine a slot may be missed, and the next one is an hour away.
    let patient = [("slot_tolerance", "30s")];
    let _worker = world.worker("worker", &patient).await;
    world.end_of(&queue, ids[0]).await;
    let shown = world.run(["jobs", "show", &ids[2].to_string()]).await;
    assert_eq!(shown.err, "", "there is a worker");

    let (sentence, told) = waits(&world, ids[1], "rate").await;
    has(
        &sentence,
        &["The rate of the kind bvn", "It is the next of its kind"],
    );
    assert_eq!((&told["scope"], &told["ahead"]), (&"bvn".into(), &0.into()));
    let (sentence, later) = waits(&world, ids[2], "rate").await;
    has(
        &sentence,
        &["One job of its kind", "Its turn is expected at"],
    );
    let apart = time(&later["expected_at"]).duration_since(time(&told["expected_at"]));
    assert!(
        (3_590..3_610).contains(&apart.as_secs()),
        "an hour: {apart}"
    );
    let (text, limiter) = row(&world, "bvn").await;
    has(&text, &["1/h, burst 1"]);
    assert_eq!(
        (&limiter["waiting"], &limiter["used_today"]),
        (&2.into(), &1.into())
    );
    assert_eq!(limiter["done_by"], later["expected_at"]);

    // A higher limit applies at once.
    let rate = ["limits", "set", "bvn", "--rate", "100/s"];
    world.run(rate).await.good();
    for id in ids {
        world.end_of(&queue, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_daily_quota_shows_when_it_ends() {
    let world = World::new().await;
    let queue = world.queue().await;
    let quota = ["limits", "set", ACCOUNT, "--daily", "2"];
    world.run(quota).await.good();
    let ids = jobs(&world, &queue, "nin", 2).await;
    let (_worker, port) = Port::worker(&world, "worker", &[]).await;
    for id in ids {
        world.end_of(&queue, id).await;
    }
    let third = jobs(&world, &queue, "nin", 1).await[0];
    let (sentence, told) = waits(&world, third, "daily_quota").await;
    has(
        &sentence,
        &[
            "The day's calls of the account are used up until",
            "Its turn is expected at",
        ],
    );
    assert_eq!(told["scope"], ACCOUNT);
    assert_eq!(told["until"], told["expected_at"]);
    let until = time(&told["until"]);
    assert_eq!(until.as_second() % 86_400, 23 * 3600, "midnight in Lagos");
    let (text, limiter) = row(&world, ACCOUNT).await;
    has(&text, &["2 of 2 (Africa/Lagos)", "daily_quota until"]);
    assert_eq!(time(&limiter["closed"]["until"]), until);
    let resumed = world.run(["limits", "resume", ACCOUNT]).await.good();
    has(
        &resumed,
        &["was not parked", "kyc limits set account --daily N"],
    );

    let page = port
        .reaches(
            "kyc_queue_parked{kind=\"account\",reason=\"daily_quota\"}",
            1.0,
        )
        .await;
    assert_eq!(page.value("kyc_limit_daily{scope=\"account\"}"), 2.0);
    assert_eq!(page.value("kyc_calls_today{scope=\"account\"}"), 2.0);
    assert_eq!(page.value("kyc_calls_today{scope=\"nin\"}"), 2.0);
    let left = page.value("kyc_queue_parked_seconds{kind=\"account\"}");
    assert!(left > 0.0 && left <= 86_400.0, "{left}");
    let more = ["limits", "set", ACCOUNT, "--daily", "3"];
    world.run(more).await.good();
    world.end_of(&queue, third).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_flight_count_towards_their_limit() {
    let world = World::with(Config {
        latency: Duration::from_secs(4),
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    let limits = [
        "limits",
        "set",
        "bvn",
        "--in-flight",
        "1",
        "--rate",
        "300/m",
    ];
    world.run(limits).await.good();
    let ids = jobs(&world, &queue, "bvn", 2).await;
    let (_worker, port) = Port::worker(&world, "worker", &[]).await;
    let (sentence, told) = waits(&world, ids[1], "in_flight").await;
    has(
        &sentence,
        &["as many jobs of the kind bvn", "It is the next of its kind"],
    );
    assert_eq!(told["scope"], "bvn");
    let page = port
        .reaches("kyc_calls_in_flight{scope=\"bvn\"}", 1.0)
        .await;
    for (sample, value) in [
        ("kyc_calls_in_flight{scope=\"account\"}", 1.0),
        ("kyc_limit_in_flight{scope=\"bvn\"}", 1.0),
        ("kyc_limit_rate{scope=\"bvn\"}", 5.0),
        ("kyc_calls_today{scope=\"cac\"}", 0.0),
        (
            "kyc_slots_missed_total{kind=\"nin\",why=\"slot_closed\"}",
            0.0,
        ),
    ] {
        assert_eq!(page.value(sample), value, "{sample}");
    }
    assert!(!page.samples.contains_key("kyc_limit_rate{scope=\"nin\"}"));
    for id in ids {
        world.end_of(&queue, id).await;
    }
    let (text, limiter) = row(&world, "bvn").await;
    has(&text, &["0 of 1"]);
    assert_eq!(limiter["used_today"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_circuit_shows_its_end_and_its_slots_are_counted() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let queue = world.queue().await;
    let settings = [
        ("check_provider", "false"),
        ("circuit_failures", "1"),
        ("pause_first", "1h"),
        ("pause_longest", "1h"),
    ];
    let (_worker, port) = Port::worker(&world, "worker", &settings).await;
    let first = jobs(&world, &queue, "bvn", 1).await[0];
    eventually("the circuit is open", async || {
        let parked = queue.parked(&["bvn"]).await.unwrap();
        parked
            .iter()
            .any(|parked| parked.reason == "circuit_open")
            .then_some(())
    })
    .await;
    // Its attempt does not count, so the job is ready as before.
    let (_, told) = waits(&world, first, "circuit_open").await;
    assert_eq!(told["ahead"], 0);
    let next = jobs(&world, &queue, "bvn", 1).await[0];
    let (sentence, told) = waits(&world, next, "circuit_open").await;
    has(
        &sentence,
        &[
            "The provider fails",
            "the kind bvn",
            "and then a single call",
        ],
    );
    assert!(time(&told["until"]) > Timestamp::now());
    let open = "kyc_queue_parked{kind=\"bvn\",reason=\"circuit_open\"}";
    let page = port.reaches(open, 1.0).await;
    let parked = "kyc_kinds_parked_total{kind=\"bvn\",reason=\"circuit_open\"}";
    assert_eq!(page.value(parked), 1.0);
    let left = page.value("kyc_queue_parked_seconds{kind=\"bvn\"}");
    assert!(left > 3_000.0, "{left}");
    let (text, _) = row(&world, "bvn").await;
    has(&text, &["circuit_open until"]);
}
