//! `kyc assess` with files: the examples of the documentation, records in every shape, and no server that it could reach.

use std::process::Stdio;

use kyc_tests::{Ran, World, kyc_program};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::cli::refused;

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

/// Makes a world without a reachable Redis, without a provider and without keys.
fn alone() -> World {
    let mut world = World::without_sandbox(NOBODY);
    world.set("redis_url", "redis://127.0.0.1:9");
    world.unset("keys");
    world.unset("radius_token");
    world
}

/// Runs a command line of a document in the world's folder.
pub(crate) async fn shell(world: &World, line: &str) -> Ran {
    let known = world.kyc(["--version"]);
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(world.dir());
    command.env_clear().stdin(Stdio::null());
    for (name, value) in known.as_std().get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let program = kyc_program();
    let folder = program.parent().unwrap().display().to_string();
    command.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
    Ran::of(&mut command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_readme_print_what_it_shows() {
    let world = alone();
    let lines = crate::readme::commands("workers/kyc/README.md", "## Trying a policy");
    let (files, stored): (Vec<_>, Vec<_>) = lines
        .into_iter()
        .partition(|line| !line.contains("--since"));
    assert_eq!((files.len(), stored.len()), (4, 2), "{files:?} {stored:?}");
    let mut told = Vec::new();
    for line in &files {
        told.push(shell(&world, line).await.good());
    }
    for part in [
        "Bank Verification Number",
        "last_name O***",
        "partial_match",
        "Comparison",
        "Reasons",
        "last_name_partial",
    ] {
        assert!(told[2].contains(part), "{part} is missing in:\n{}", told[2]);
    }
    let strict: Value = serde_json::from_str(&told[3]).unwrap();
    assert_eq!(strict["verdict"], "no_match", "{strict}");
    assert_eq!(strict["compared"][1]["result"], "match", "{strict}");
    for secret in ["Okafo", "OKAFOR", "1986-01", "20-Jan"] {
        assert!(!told.concat().contains(secret), "{secret} is shown");
    }
    // These commands need Redis. Another test runs them on the jobs that a worker has stored.
    let world = World::without_sandbox(NOBODY);
    for line in &stored {
        let told = shell(&world, line).await.good();
        assert!(told.contains('0'), "{told}");
    }
}

/// Runs `kyc assess` with the claims in a file and the record on standard input.
async fn assess(world: &World, kind: &str, claims: &Value, record: &str) -> Ran {
    let file = world.dir().join("claims.json");
    std::fs::write(&file, claims.to_string()).unwrap();
    let words = [
        "assess", "--json", "--kind", kind, "--record", "-", "--claims",
    ];
    let mut command = world.kyc(words);
    command.arg(&file).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The command may fail before it reads standard input.
    let _ = stdin.write_all(record.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_assessed_with_an_answer_of_the_provider() {
    let world = alone();
    let person = |group: &str| json!({ "profile": { "first_name": "ADA", "last_name": "OBI", "surname": "OBI", group: "1990-01-02" } });
    let named = json!({ "first_name": "Ada", "last_name": "Obi", "date_of_birth": "1990-01-02" });
    let company = json!({ "profile": { "company_name": "OKORO & CO. LTD" } });
    for (kind, claims, data, verdict) in [
        ("bvn", &named, person("date_of_birth"), "match"),
        ("nin", &named, person("date_of_birth"), "match"),
        ("nin_phone", &named, person("date_of_birth"), "match"),
        ("drivers_license", &named, person("date_of_birth"), "match"),
        ("passport", &named, person("dob"), "match"),
        (
            "passport",
            &json!({ "last_name": "Eze" }),
            person("dob"),
            "no_match",
        ),
        ("bvn", &json!({}), person("date_of_birth"), "found"),
        (
            "cac",
            &json!({ "company_name": "Okoro and Co Limited" }),
            company,
            "match",
        ),
    ] {
        let whole = json!({ "status": "success", "data": { "type": "response", "data": data } });
        for record in [whole.to_string(), data.to_string()] {
            let told = assess(&world, kind, claims, &record).await.good();
            let told: Value = serde_json::from_str(&told).unwrap();
            assert_eq!(told["verdict"], verdict, "{kind}: {told}");
            assert_eq!(told["asked"]["kind"], kind);
        }
    }
    let none = r#"{"status":"error","message":"Record not found","data":null}"#;
    let told = assess(&world, "bvn", &named, none).await.good();
    assert!(told.contains("\"not_found\""), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn input_that_cannot_be_assessed_is_an_error_with_a_remedy() {
    let world = alone();
    let claims = json!({ "last_name": "Zubairu" });
    for (kind, claims, record, said) in [
        ("bvm", &claims, "{}", &["--kind", "drivers_license"][..]),
        (
            "bvn",
            &claims,
            "",
            &["record is empty", "kyc result --json"],
        ),
        ("bvn", &claims, "{", &["record is not JSON (line 1"]),
        (
            "bvn",
            &json!({ "surname": "Zubairu" }),
            "{}",
            &["claims has a field that is not known"],
        ),
        (
            "cac",
            &claims,
            "{}",
            &["claims.last_name is not known", "company_name"],
        ),
        (
            "bvn",
            &claims,
            r#"{"type":"person","surname":"Zubairu"}"#,
            &["record.surname is not known"],
        ),
    ] {
        let ran = assess(&world, kind, claims, record).await;
        refused(&world, &ran, said);
        assert!(!ran.err.contains("Zubairu"), "{}", ran.err);
    }
    for words in [
        &["assess"][..],
        &["assess", "--kind", "bvn", "--claims", "claims.json"],
        &["assess", "--since", "7d", "--claims", "claims.json"],
        &["assess", "--kind", "bvn", "--tenant", "t"],
    ] {
        assert_eq!(world.run(words).await.code, 2, "{words:?}");
    }
    let both = ["assess", "--kind", "bvn", "--claims", "-", "--record", "-"];
    refused(&world, &world.run(both).await, &["name the same"]);
    let wrong = [
        "assess",
        "--since",
        "7d",
        "--set",
        "match_close_spelling=92",
    ];
    refused(&world, &world.run(wrong).await, &["from 0.8 to 1"]);
    refused(
        &world,
        &world.run(["assess", "--since", "soon"]).await,
        &["--since", "7d"],
    );
}
