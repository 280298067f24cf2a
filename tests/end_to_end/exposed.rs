//! Secrets that other users of the machine could read: in arguments, in files, and in core files.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use kyc_tests::World;
use kyc_vault::Keyring;
use serde_json::Value;

use crate::cli::refused;

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_arguments_are_refused() {
    let world = World::without_sandbox(NOBODY);
    for (key, value) in [
        ("keys", world.keys()),
        ("radius_token", "pa55word"),
        ("redis_url", "redis://user:pa55word@127.0.0.1"),
    ] {
        let ran = world
            .run(["queue", "stats", "--set", &format!("{key}={value}")])
            .await;
        let file = format!("KYC_{}_FILE", key.to_uppercase());
        refused(&world, &ran, &[&format!("--set {key} is refused"), &file]);
    }
    let address = format!("redis_url={}", world.setting("redis_url"));
    let ran = world.run(["queue", "stats", "--set", &address]).await;
    ran.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_key_is_written_to_a_new_private_file() {
    let mut world = World::without_sandbox(NOBODY);
    let path = world.dir().join("kyc.keys");
    let words = ["keys", "generate", "--out", "kyc.keys"];
    let told = world.run(words).await.good();
    let key = fs::read_to_string(&path).unwrap();
    let (id, secret) = key.trim().split_once(':').unwrap();
    assert_eq!(told, format!("The key {id} is in kyc.keys\n"));
    assert!(!told.contains(secret));
    assert_eq!(mode(&path), 0o600);
    Keyring::parse(&key).unwrap();

    let again = world.run(words).await;
    refused(&world, &again, &["kyc.keys", "new file"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), key, "it is left alone");

    // Two keys of one day can be in one keyring.
    let other = world.run(["keys", "generate"]).await.good();
    Keyring::parse(&format!("{key},{other}")).unwrap();
    world.unset("keys");
    world.set("keys_file", "kyc.keys");
    world.run(["queue", "stats"]).await.good();
}

/// Returns the finding of `kyc doctor` about files, and its sentence.
async fn finding(world: &World) -> (String, String) {
    let told = world.run(["doctor", "--json", "--local"]).await.good();
    let told: Value = serde_json::from_str(&told).unwrap();
    let checks = told["checks"].as_array().unwrap();
    let files = checks.iter().find(|check| check["check"] == "files");
    let text = |name| files.unwrap()[name].as_str().unwrap().to_owned();
    (text("finding"), text("sentence"))
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_others_can_read_are_a_warning() {
    let mut world = World::new().await;
    let keys = world.dir().join("kyc.keys");
    fs::write(&keys, world.keys()).unwrap();
    fs::set_permissions(&keys, Permissions::from_mode(0o600)).unwrap();
    world.unset("keys");
    world.set("keys_file", "kyc.keys");
    assert_eq!(finding(&world).await.0, "good");
    let silent = world.worker("silent", &[]).await;
    assert!(!silent.log().contains("other users"), "{}", silent.log());

    fs::set_permissions(&keys, Permissions::from_mode(0o644)).unwrap();
    let (found, sentence) = finding(&world).await;
    let told = "kyc.keys (KYC_KEYS_FILE) can be read by other users: close it with chmod 600";
    assert_eq!((found.as_str(), sentence.as_str()), ("warning", told));
    let warned = world.worker("warned", &[]).await;
    assert!(warned.log().contains(told), "{}", warned.log());
    fs::set_permissions(&keys, Permissions::from_mode(0o600)).unwrap();

    // A file of settings may be read by others, unless it holds a secret.
    let file = world.dir().join("kyc.toml");
    for (text, mode, part) in [
        ("lease = \"20s\"\n", 0o644, None),
        ("lease = \"20s\"\n", 0o664, Some("can be changed")),
        ("radius_token = \"any\"\n", 0o644, Some("can be read")),
    ] {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let (found, sentence) = finding(&world).await;
        assert_eq!(found == "warning", part.is_some(), "{sentence}");
        assert!(sentence.contains(part.unwrap_or_default()), "{sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_another_user_in_the_current_folder_are_refused() {
    let world = World::without_sandbox(NOBODY);
    let file = world.dir().join("kyc.toml");
    fs::write(&file, "lease = \"20s\"\n").unwrap();
    world.run(["queue", "stats"]).await.good();
    if chown(&file, Some(65_534), None).is_err() {
        return; // Only root can give a file away.
    }
    let ran = world.run(["queue", "stats"]).await;
    refused(
        &world,
        &ran,
        &[
            "kyc.toml",
            "belongs to another user (uid 65534)",
            "--config",
        ],
    );
    let named = ["--config", "kyc.toml", "queue", "stats"];
    world.run(named).await.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_writes_private_files_and_no_core_file() {
    let world = World::new().await;
    let worker = world.worker("worker", &[]).await;
    let of = |file: &str| fs::read_to_string(format!("/proc/{}/{file}", worker.pid())).unwrap();
    let words = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        let values = line[name.len()..].split_whitespace().map(str::to_owned);
        values.collect::<Vec<_>>()
    };
    assert_eq!(words(&of("limits"), "Max core file size")[..2], ["0", "0"]);
    assert_eq!(words(&of("status"), "Umask:"), ["0077"]);
}
