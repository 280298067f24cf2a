//! No personal data outside sealed parts: people are verified through every entry path with full logs. Then everything that
//! was written is searched for their data.

use std::collections::BTreeSet;

use kyc_queue::Queue;
use kyc_telemetry::metrics::METRICS;
use kyc_tests::{Job, Ran, World, eventually};
use serde_json::json;

use crate::{
    page::{LISTEN, Page, Port},
    secrets::{Secrets, aof, files_below, redis_values},
};

const KINDS: [&str; 6] = [
    "bvn",
    "nin",
    "nin_phone",
    "cac",
    "drivers_license",
    "passport",
];

/// The cases that park their kind until it is resumed.
const PARKING: [&str; 3] = ["040", "041", "042"];

/// Short times, and the most detailed log.
const SETTINGS: [(&str, &str); 7] = [
    ("log", "trace"),
    ("retry_first", "20ms"),
    ("retry_longest", "50ms"),
    ("call_timeout", "1500ms"),
    ("connect_timeout", "1s"),
    ("max_attempts", "2"),
    // Jobs that always fail have to die.
    ("circuit_failures", "0"),
];

/// Returns all people, with claims. Their numbers are long enough not to occur by accident.
fn everyone() -> Vec<(&'static str, Job)> {
    let cases = kyc_sandbox::CASES.iter().map(|case| case.code);
    let of_case = |code: &'static str| {
        KINDS.map(|kind| {
            let job = match kind {
                "cac" => Job::new(kind, &format!("3141592{code}")),
                _ => Job::of_case(kind, code),
            };
            (code, job.claiming_what_it_can())
        })
    };
    cases.flat_map(of_case).collect()
}

/// The formats of the log.
const FORMATS: [&str; 2] = ["text", "json"];

/// Runs `kyc` with its log in a file, and stores its output like a log.
async fn run(world: &World, name: &str, format: &str, words: &[String]) -> Ran {
    let mut command = world.kyc(words);
    let ran = Ran::of(command.env("KYC_LOG_FORMAT", format)).await;
    let log = world.logs().join(format!("cli-{name}-{format}.log"));
    std::fs::write(log, format!("{}{}", ran.out, ran.err)).unwrap();
    ran
}

/// Returns the arguments of `kyc enqueue` for a job.
fn words(job: &Job) -> Vec<String> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&job.json()).unwrap();
    let mut words = vec!["enqueue".to_owned()];
    words.push(object["kind"].as_str().unwrap().to_owned());
    words.push(job.number().to_owned());
    let known = ["kind", "claims", job.number_field()];
    for (name, value) in object
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
    {
        words.extend([
            "--field".to_owned(),
            format!("{name}={}", value.as_str().unwrap()),
        ]);
    }
    for (name, value) in object["claims"].as_object().unwrap() {
        words.extend([
            "--claim".to_owned(),
            format!("{name}={}", value.as_str().unwrap()),
        ]);
    }
    words
}

/// Sends every job through the command line, a file, or the inbox.
async fn send(world: &World, queue: &Queue, jobs: &[&Job]) {
    let mut lines = String::new();
    for (position, job) in jobs.iter().enumerate() {
        match position % 7 {
            0 => {
                let format = FORMATS[position / 7 % 2];
                let name = format!("enqueue-{position}");
                let ran = run(world, &name, format, &words(job)).await;
                assert_eq!(ran.code, 0, "{}", ran.err);
            }
            1..4 => {
                // The key may be any text, including a number.
                let job = (*job).clone().with("idempotency_key", job.in_ledger());
                queue.post(&job.json()).await.unwrap();
            }
            _ => {
                lines += &job.json();
                lines += "\n";
            }
        }
    }
    let file = world.dir().join("jobs.jsonl");
    std::fs::write(&file, lines).unwrap();
    let file = file.display().to_string();
    let ran = run(
        world,
        "file",
        "json",
        &["enqueue".to_owned(), "--file".to_owned(), file],
    )
    .await;
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// Waits until everyone has been verified, or waits for their parked kind.
async fn verify_everyone(world: &World, queue: &Queue, everyone: &[(&str, Job)]) {
    let parking = |code: &str| PARKING.contains(&code);
    let (last, first): (Vec<_>, Vec<_>) = everyone.iter().partition(|(code, _)| parking(code));
    let jobs = |some: &[&(&str, Job)]| some.iter().map(|(_, job)| job.clone()).collect::<Vec<_>>();
    let (last, first) = (jobs(&last), jobs(&first));
    send(world, queue, &first.iter().collect::<Vec<_>>()).await;
    eventually("all have been verified", async || {
        let depths = queue.depths(&KINDS).await.unwrap();
        (depths.completed + depths.dead == first.len() as u64).then_some(())
    })
    .await;
    send(world, queue, &last.iter().collect::<Vec<_>>()).await;
    eventually("every kind is parked", async || {
        (queue.parked(&KINDS).await.unwrap().len() == KINDS.len()).then_some(())
    })
    .await;
}

/// Runs the commands that people use. Apart from `--json` of one result, none of them prints personal data.
async fn look_around(world: &World, queue: &Queue) {
    let mut looks: Vec<Vec<String>> = [
        &["queue", "stats"][..],
        &["results"],
        &["rejected"],
        &["rejected", "--json"],
        &["doctor"],
        &["enqueue", "nin", "98765432101234"],
    ]
    .iter()
    .map(|words| words.iter().map(|word| (*word).to_owned()).collect())
    .collect();
    let published = world.published(queue).await;
    for result in published.into_iter().step_by(9) {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        looks.push(words(&["jobs", "show", &result.id]));
        looks.push(words(&["jobs", "show", &result.id, "--json"]));
        looks.push(words(&["result", &result.id]));
    }
    for (position, words) in looks.iter().enumerate() {
        for format in FORMATS {
            run(world, &format!("look-{position}"), format, words).await;
        }
    }
}

/// Asserts that the page has every metric, and no unknown one.
fn every_metric_is_on(page: &Page) {
    let known: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    let shown: BTreeSet<&str> = page.types.keys().map(String::as_str).collect();
    assert_eq!(shown, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_data_is_found_in_redis_files_and_logs() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    for (key, value) in SETTINGS {
        world.set(key, value);
    }
    let _sandbox = world.start_sandbox().await;
    let queue = world.queue().await;
    // Limits that are never reached, so that they are shown too.
    let limits = [
        "limits",
        "set",
        "bvn",
        "--rate",
        "1000/s",
        "--daily",
        "100000",
        "--in-flight",
        "500",
    ];
    world.run(limits).await.good();
    let (mut text, port) = Port::worker(&world, "text", &[("log_format", "text")]).await;
    let json = [("log_format", "json"), LISTEN];
    let mut json = world.worker("json", &json).await;
    let everyone = everyone();
    let mut secrets = Secrets::of(&world, everyone.iter().map(|(_, job)| job));
    // Refused by the inbox, and kept sealed.
    let refused =
        json!({ "kind": "nin", "nin": "98765432101234", "claims": { "last_name": "Oluwaseyi" } });
    queue.post(&refused.to_string()).await.unwrap();
    secrets.number("98765432101234");
    secrets.name("Oluwaseyi");
    verify_everyone(&world, &queue, &everyone).await;
    secrets.images(&world, &queue).await;
    look_around(&world, &queue).await;
    let page = port.page().await;
    every_metric_is_on(&page);
    let page = ("the page".to_owned(), page.text.into_bytes());
    secrets.nowhere_in("the metrics", &[page], "kyc_jobs_completed_total");
    assert_eq!((text.terminate().await, json.terminate().await), (0, 0));

    let values = redis_values(&world).await;
    assert!(
        values.len() > 1_000,
        "all of Redis was read: {}",
        values.len()
    );
    secrets.nowhere_in("Redis", &values, "completed");
    secrets.nowhere_in("the append-only file", &aof(&world).await, "completed");
    let blobs = files_below(&world.blobs());
    assert!(blobs.len() > 100, "{} images", blobs.len());
    secrets.nowhere_in("the images", &blobs, "KYCP");
    let logs = files_below(&world.logs());
    secrets.nowhere_in("the logs", &logs, "Completed verification");
}
