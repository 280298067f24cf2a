//! Errors of `kyc`: one sentence that names the cause and the remedy, without secrets.

use kyc_tests::{Ran, World};
use kyc_vault::Keyring;
use serde_json::Value;

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

/// Asserts that the command failed with one sentence that contains all of `said`, without other output, a panic or a secret.
#[track_caller]
pub(crate) fn refused(world: &World, ran: &Ran, said: &[&str]) {
    assert!(
        ran.code != 0 && ran.code != -1 && ran.code != 101,
        "{ran:?}"
    );
    assert_eq!(ran.out, "", "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "one sentence: {}", ran.err);
    for part in said {
        assert!(ran.err.contains(part), "{part} is missing in: {}", ran.err);
    }
    keeps_secrets(world, ran);
}

/// Asserts that the output has neither keys nor tokens nor passwords nor numbers.
#[track_caller]
fn keeps_secrets(world: &World, ran: &Ran) {
    let key = world
        .setting("keys")
        .split_once(':')
        .map_or("", |(_, key)| key);
    let secrets = [
        key,
        world.setting("radius_token"),
        "pa55word",
        "22200000000",
    ];
    for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
        assert!(
            !ran.out.contains(secret) && !ran.err.contains(secret),
            "the output has a secret"
        );
    }
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_named() {
    let mut world = World::without_sandbox(NOBODY);
    let reached = world.run(["work"]).await;
    // The worker has not connected yet, and has logged nothing.
    refused(&world, &reached, &["KYC_RADIUS_URL", "cannot be reached"]);
    world.set("redis_url", "redis://user:pa55word@127.0.0.1:9");
    for words in [
        &["work"][..],
        &["enqueue", "bvn", "22200000000"],
        &["queue", "stats"],
        &["results"],
    ] {
        refused(
            &world,
            &world.run(words).await,
            &["KYC_REDIS_URL", "connection refused"],
        );
    }
    world.set("redis_url", "127.0.0.1:6379");
    refused(
        &world,
        &world.run(["queue", "stats"]).await,
        &["KYC_REDIS_URL", "redis://"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_malformed_and_foreign_keys_are_named() {
    let mut world = World::without_sandbox(NOBODY);
    world.run(["queue", "stats"]).await.good();
    world.set("keys", &Keyring::generate("test").unwrap());
    let other = world.run(["queue", "stats"]).await;
    refused(&world, &other, &["sealed with another key"]);
    world.set("keys", &Keyring::generate("unknown").unwrap());
    let unknown = world.run(["work"]).await;
    refused(&world, &unknown, &["sealed with another key"]);
    for malformed in [
        "c2VjcmV0c2VjcmV0",
        "k1:not*base64",
        "k1:c2VjcmV0c2VjcmV0",
        "k 1:c2VjcmV0c2VjcmV0",
    ] {
        world.set("keys", malformed);
        let ran = world.run(["enqueue", "bvn", "22200000000"]).await;
        refused(&world, &ran, &["KYC_KEYS is wrong"]);
    }
    let file = world.dir().join("keys");
    std::fs::write(&file, "k1:c2VjcmV0c2VjcmV0").unwrap();
    world.unset("keys");
    world.set("keys_file", &file.display().to_string());
    let ran = world.run(["queue", "stats"]).await;
    refused(
        &world,
        &ran,
        &["KYC_KEYS_FILE is wrong", "kyc keys generate"],
    );
    world.unset("keys_file");
    world.unset("keys");
    let missing = world.run(["work"]).await;
    refused(
        &world,
        &missing,
        &["KYC_KEYS is not set", "kyc keys generate"],
    );
    world.set("keys_file", "/nowhere/keys");
    refused(
        &world,
        &world.run(["work"]).await,
        &["KYC_KEYS_FILE", "cannot be read"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_store_that_cannot_be_written_stops_a_worker_at_its_start() {
    let mut world = World::new().await;
    let file = world.dir().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    world.set("blob_url", &format!("file://{}/blobs", file.display()));
    refused(&world, &world.run(["work"]).await, &["KYC_BLOB_URL"]);
    world.set("blob_url", "ftp://host/blobs");
    refused(&world, &world.run(["work"]).await, &["KYC_BLOB_URL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_jobs_are_refused_before_anything_is_sent() {
    let world = World::new().await;
    for (words, said) in [
        (
            &["enqueue", "bvm", "22200000000"][..],
            &["kind", "drivers_license"][..],
        ),
        (
            &["enqueue", "bvn", "2220000000"],
            &["bvn has 10 digits instead of 11"],
        ),
        (
            &["enqueue", "nin_phone", "12345"],
            &["phone is not a Nigerian mobile number; write it like 0803 123 4567"],
        ),
        (&["enqueue", "cac", "1234000"], &["company_name is missing"]),
        (
            &["enqueue", "passport", "A01234000"],
            &["first_name", "last_name", "date_of_birth"],
        ),
        (
            &["enqueue", "bvn", "22200000000", "--claim", "nin=1"],
            &["claims.nin"],
        ),
        (
            &[
                "enqueue",
                "bvn",
                "22200000000",
                "--reference",
                "x-22200000000",
            ],
            &["reference contains a number"],
        ),
        (&["result", "22212345356"], &["not a verification id"]),
        (
            &["keys", "generate", "a b"],
            &["the name of key 1 is wrong"],
        ),
        (&["queue", "resume", "bvm"], &["is not a kind", "passport"]),
        (
            &["images", "01J9ZQ3V5T8Y6K2M4N7P0R1S2T"],
            &["there is no verification"],
        ),
    ] {
        refused(&world, &world.run(words).await, said);
    }
    for flag in [
        "--field=a=b",
        "--claim=a=b",
        "--tenant=a",
        "--reference=a",
        "--idempotency-key=a",
        "--wait",
    ] {
        let ran = world.run(["enqueue", "--file", "-", flag]).await;
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
    }
    let misplaced = ["enqueue", "bvn", "22200000000", "--field", "22212345678=x"];
    let ran = world.run(misplaced).await;
    refused(&world, &ran, &["is not known"]);
    assert!(!ran.err.contains("22212345678"), "a number is not repeated");
    world.nothing_left(&world.queue().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_reports_good_and_bad_findings() {
    let mut world = World::new().await;
    let well = world.run(["doctor"]).await.good();
    assert!(well.contains("SANDBOX"), "{well}");
    assert!(!well.contains("BAD"), "{well}");
    assert_eq!(world.run(["doctor", "--quiet"]).await.good(), "");
    let told: Value = serde_json::from_str(&world.run(["--json", "doctor"]).await.good()).unwrap();
    assert_eq!(told["well"], true);
    assert!(told["checks"].as_array().unwrap().len() >= 8, "{told}");

    world.set("radius_url", NOBODY);
    let local = world.run(["doctor", "--quiet", "--local"]).await;
    assert_eq!(local.good(), "", "the provider is left out");
    world.set("log", "verbose");
    let ran = world.run(["doctor", "--quiet", "--local"]).await;
    assert!(ran.out.contains("KYC_LOG is wrong"), "{ran:?}");
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    world.unset("log");
    world.unset("radius_url");
    let ran = world.run(["doctor", "--quiet", "--local"]).await;
    assert!(ran.out.contains("KYC_RADIUS_URL is not set"), "{ran:?}");
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    world.set("radius_url", NOBODY);
    let ran = world.run(["doctor", "--quiet"]).await;
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{}", ran.out);
    assert!(
        ran.out.contains("BAD") && ran.out.contains("KYC_RADIUS_URL"),
        "{}",
        ran.out
    );
    world.unset("keys");
    world.set("redis_url", "redis://user:pa55word@127.0.0.1:9");
    let ran = world.run(["doctor", "--json"]).await;
    assert_eq!(ran.code, 1);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    let bad: Vec<&str> = told["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["finding"] == "bad")
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    assert_eq!(bad, ["keys", "redis", "provider"]);
    keeps_secrets(&world, &ran);
}
