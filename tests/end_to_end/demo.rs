//! `kyc demo`: shows every kind, and leaves no process running.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use kyc_tests::{Program, Ran, World, eventually, processes_in, redis_program};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::assess::shell;

const KINDS: [(&str, usize); 6] = [
    ("bvn", 1),
    ("nin", 2),
    ("nin_phone", 2),
    ("cac", 0),
    ("drivers_license", 1),
    ("passport", 1),
];

/// Returns the demo's command, with its files in `dir`. The caller's settings, which the demo must ignore, are invalid.
fn demo(world: &World, dir: &Path, words: &[&str]) -> Command {
    let mut command = world.kyc(["demo", "--dir"]);
    command.arg(dir).args(words);
    if let Some(redis) = redis_program() {
        command.env("KYC_REDIS_SERVER", redis);
    }
    command
}

fn elsewhere() -> World {
    World::without_sandbox("http://127.0.0.1:9")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_run_shows_every_kind_with_its_images_and_leaves_nothing_running() {
    let (world, dir) = (elsewhere(), TempDir::with_prefix("kyc-test-demo-").unwrap());
    // The settings of the log do not depend on a queue, so the demo's programs use them.
    let words = ["--once", "--json", "--set", "log_format=json"];
    let ran = Ran::of(&mut demo(&world, dir.path(), &words)).await;
    let out = ran.good();
    let shown: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    for (kind, expected) in KINDS {
        let found = shown
            .iter()
            .filter(|shown| {
                shown["kind"] == kind
                    && shown["state"] == "completed"
                    && ["found", "match"]
                        .iter()
                        .any(|verdict| shown["verdict"] == *verdict)
            })
            .max_by_key(|shown| shown["images"].as_array().map(Vec::len));
        let found = found.unwrap_or_else(|| panic!("no {kind} was found"));
        let images = found["images"].as_array().unwrap();
        assert_eq!(images.len(), expected, "images of {kind}");
        images.iter().for_each(whole);
    }
    for image in shown.iter().flat_map(|shown| shown["images"].as_array()) {
        image.iter().for_each(whole);
    }
    assert_eq!(processes_in(dir.path()), Vec::<String>::new());
    let config = std::fs::metadata(dir.path().join("kyc.toml")).unwrap();
    assert_eq!(config.permissions().mode() & 0o777, 0o600, "it holds keys");
    let log = std::fs::read_to_string(dir.path().join("worker-1.log")).unwrap();
    let json = |line: &str| serde_json::from_str::<Value>(line).is_ok();
    assert!(log.lines().count() > 1 && log.lines().all(json), "{log}");
}

fn whole(image: &Value) {
    let media_type = image["media_type"].as_str().unwrap();
    assert!(["image/jpeg", "image/png"].contains(&media_type), "{image}");
    for number in ["width", "height", "bytes"] {
        assert!(
            image[number].as_u64().is_some_and(|number| number > 0),
            "{image}"
        );
    }
    let sha256 = image["sha256"].as_str().unwrap();
    assert!(
        sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()),
        "{image}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_leaves_nothing_running() {
    let world = elsewhere();
    // The demo's output shows the moment: jobs are under way, or everything was shown and the demo waits.
    for (words, moment, code) in [
        (&["--once"][..], "Started worker-2", 130),
        (&[], "Started worker-2", 0),
        (&[], "The demo runs until Ctrl-C", 0),
    ] {
        let dir = TempDir::with_prefix("kyc-test-demo-").unwrap();
        let mut command = demo(&world, dir.path(), words);
        command.stdout(Stdio::null());
        let mut program = world.start("demo", &mut command);
        eventually("the demo reaches that point", async || {
            program.log().contains(moment).then_some(())
        })
        .await;
        assert!(
            processes_in(dir.path()).len() >= 4,
            "a Redis, a sandbox and two workers run"
        );
        program.signal("INT").await;
        assert_eq!(program.ended().await, code, "{words:?} {moment}");
        assert_eq!(processes_in(dir.path()), Vec::<String>::new(), "{moment}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_that_the_demo_prints_shows_a_verdict() {
    let (world, dir) = (elsewhere(), TempDir::with_prefix("kyc-test-demo-").unwrap());
    let mut command = demo(&world, dir.path(), &[]);
    let program: Program = world.start("demo", command.stdout(Stdio::null()));
    let request = eventually("the demo prints it", async || {
        let log = program.log();
        let mut lines = log.lines().map(str::trim);
        lines
            .find(|line| line.starts_with("curl "))
            .map(ToOwned::to_owned)
    })
    .await;
    let told = shell(&world, &request).await.good();
    assert!(
        told.contains(r#""verdict":"found""#) && told.contains(r#""record":"#),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_demo_ends_its_workers_and_its_sandbox() {
    let (world, dir) = (elsewhere(), TempDir::with_prefix("kyc-test-demo-").unwrap());
    let mut command = demo(&world, dir.path(), &[]);
    let mut program: Program = world.start("demo", command.stdout(Stdio::null()));
    eventually("the workers run", async || {
        program.log().contains("Started worker-2").then_some(())
    })
    .await;
    program.kill9().await;
    eventually("all of its processes end", async || {
        processes_in(dir.path()).is_empty().then_some(())
    })
    .await;
}
