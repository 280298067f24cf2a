//! `kyc demo`, as a newcomer runs it: it shows every kind, and leaves nothing running.

use std::{path::Path, process::Stdio};

use kyc_tests::{Program, Ran, World, eventually, processes_in, redis_program};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

const KINDS: [(&str, usize); 6] = [
    ("bvn", 1),
    ("nin", 2),
    ("nin_phone", 2),
    ("cac", 0),
    ("drivers_license", 1),
    ("passport", 1),
];

/// The demo with its things in `dir`. Settings of a caller, which it must not follow, lead nowhere.
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
async fn once_it_shows_every_kind_with_its_pictures_and_leaves_nothing_running() {
    let (world, dir) = (elsewhere(), TempDir::with_prefix("kyc-test-demo-").unwrap());
    let ran = Ran::of(&mut demo(&world, dir.path(), &["--once", "--json"])).await;
    let out = ran.good();
    let shown: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    for (kind, images) in KINDS {
        let found = shown
            .iter()
            .filter(|shown| {
                shown["kind"] == kind
                    && shown["state"] == "completed"
                    && shown["verdict"] == "found"
            })
            .max_by_key(|shown| shown["images"].as_array().map(Vec::len));
        let found = found.unwrap_or_else(|| panic!("no {kind} was found"));
        let pictures = found["images"].as_array().unwrap();
        assert_eq!(pictures.len(), images, "pictures of {kind}");
        pictures.iter().for_each(whole);
    }
    for image in shown.iter().flat_map(|shown| shown["images"].as_array()) {
        image.iter().for_each(whole);
    }
    assert_eq!(processes_in(dir.path()), Vec::<String>::new());
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
async fn interrupted_in_the_middle_or_at_its_end_it_leaves_nothing_running() {
    let world = elsewhere();
    // The moment, as the demo's own words tell it: jobs are under way; all has been shown and it waits.
    for moment in ["Started worker-2", "It all runs on until Ctrl-C"] {
        let dir = TempDir::with_prefix("kyc-test-demo-").unwrap();
        let mut command = demo(&world, dir.path(), &[]);
        command.stdout(Stdio::null());
        let mut program = world.start("demo", &mut command);
        eventually("the demo comes so far", async || {
            program.log().contains(moment).then_some(())
        })
        .await;
        assert!(
            processes_in(dir.path()).len() >= 4,
            "a Redis, a sandbox and two workers run"
        );
        program.signal("INT").await;
        assert_eq!(program.ended().await, 0, "{moment}");
        assert_eq!(processes_in(dir.path()), Vec::<String>::new(), "{moment}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_it_takes_its_workers_and_its_sandbox_along() {
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
