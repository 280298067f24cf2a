//! Settings: errors about wrong ones, their precedence, and values that are taken literally.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use kyc_tests::{Ran, World, eventually};

use crate::cli::refused;

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_named_with_the_remedy() {
    let mut world = World::new().await;
    for (key, value, remedy) in [
        ("lease", "soon", "30s"),
        ("concurrency", "many", "whole number"),
        ("max_body", "8MB", "8MiB"),
        ("validation", "sometimes", "strict or lenient"),
        ("require_consent", "perhaps", "true or false"),
        ("radius_idle_timeout", "soon", "30s"),
        ("kinds", "bvn,bwn", "nin_phone"),
        (
            "match_fields",
            "bvn=surname",
            "a field that bvn cannot claim",
        ),
        ("match_close_spelling", "92", "from 0.8 to 1"),
        ("match_name_share", "most", "like 2/3 or 0.6"),
        ("watch_list", "block", "tell, partial_match or no_match"),
        ("log_format", "xml", "text or json"),
        ("log", "verbose", "use off, error"),
        ("radius_url", "radius.example", "https://"),
        (
            "radius_url",
            "https://u:pa55word@h/",
            "it must hold no credentials",
        ),
        ("radius_url", "", "kyc sandbox is http://127.0.0.1:8081"),
        (
            "radius_url",
            "http://10.255.0.1",
            "set allow_plaintext to true",
        ),
        ("allow_plaintext", "perhaps", "true or false"),
        (
            "redis_url",
            "redis://u:pa55word@10.255.0.1",
            "use rediss://",
        ),
        (
            "redis_url",
            "redis://127.0.0.1,u.example",
            "set allow_plaintext to true",
        ),
        (
            "redis_url",
            "redis+sentinel://127.0.0.1,u.example/mine",
            "set allow_plaintext to true",
        ),
        ("radius_token", "pa55word ", "white space"),
        ("radius_ca_file", "/dev/null", "it holds no certificate"),
    ] {
        let before = world.setting(key).to_owned();
        world.set(key, value);
        let variable = format!("KYC_{}", key.to_uppercase());
        let ran = world.run(["work"]).await;
        refused(&world, &ran, &[&variable, remedy]);
        if before.is_empty() {
            world.unset(key);
        } else {
            world.set(key, &before);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_text_to_another_machine_must_be_allowed() {
    let mut world = World::without_sandbox("http://u.example");
    // Not one of the loopback addresses, although it leads to this machine.
    let redis = world.setting("redis_url");
    let redis = redis.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    world.set("redis_url", &redis);
    refused(
        &world,
        &world.run(["queue", "stats"]).await,
        &["KYC_REDIS_URL is wrong", "use rediss://"],
    );
    world.set("allow_plaintext", "true");
    world.run(["queue", "stats"]).await.good();
    assert_eq!(world.run(["doctor", "--quiet", "--local"]).await.good(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_store_without_tls_must_be_allowed() {
    let mut world = World::new().await;
    world.set("blob_url", "s3://bucket");
    for name in ["AWS_ALLOW_HTTP", "AWS_ALLOW_INVALID_CERTIFICATES"] {
        let ran = Ran::of(world.kyc(["work"]).env(name, "true")).await;
        refused(&world, &ran, &[name, "set allow_plaintext to true"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_names_the_place_where_a_wrong_value_was_set() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    for flag in ["--concurrency", "--grace", "--kinds"] {
        let ran = world.run(["work", flag, "x"]).await;
        refused(&world, &ran, &[&format!("{flag} is wrong")]);
    }
    let ran = world.run(["work", "--set", "grace=x"]).await;
    refused(&world, &ran, &["--set grace is wrong"]);
    std::fs::write(world.dir().join("other.toml"), "lease = \"soon\"\n").unwrap();
    let ran = world.run(["work", "--config", "other.toml"]).await;
    refused(&world, &ran, &["lease in other.toml is wrong"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_settings_and_unreadable_files_are_named() {
    let world = World::new().await;
    refused(
        &world,
        &world.run(["work", "--set", "leas=5s"]).await,
        &["leas is not a setting; did you mean lease?"],
    );
    refused(
        &world,
        &world.run(["work", "--set", "lease"]).await,
        &["NAME=VALUE"],
    );
    std::fs::write(
        world.dir().join("kyc.toml"),
        "redis_uri = \"redis://u:pa55word@h\"\n",
    )
    .unwrap();
    let unknown = world.run(["queue", "stats"]).await;
    refused(
        &world,
        &unknown,
        &["redis_uri in kyc.toml is not a setting; did you mean redis_url?"],
    );
    std::fs::write(world.dir().join("kyc.toml"), "radius_token = pa55word\n").unwrap();
    refused(
        &world,
        &world.run(["queue", "stats"]).await,
        &["kyc.toml", "TOML"],
    );
    let named = world
        .run(["--config", "other.toml", "queue", "stats"])
        .await;
    refused(&world, &named, &["other.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_override_variables_and_variables_override_the_file() {
    let mut world = World::new().await;
    // The worker's concurrency shows which setting counts.
    let started = async |world: &World, words: &[&str]| {
        let mut work = world.kyc(["work", "--until-stdin-ends"]);
        let worker = world.start("worker", work.args(words));
        eventually("the worker starts", async || {
            let log = worker.log();
            let (_, rest) = log.split_once("concurrency=")?;
            Some(rest.lines().next().unwrap_or_default().to_owned())
        })
        .await
    };
    assert_eq!(started(&world, &[]).await, "256");
    std::fs::write(
        world.dir().join("kyc.toml"),
        "concurrency = 11\nlease = \"7s\"\n",
    )
    .unwrap();
    assert_eq!(started(&world, &[]).await, "11");
    world.set("concurrency", "12");
    assert_eq!(started(&world, &[]).await, "12");
    assert_eq!(started(&world, &["--set", "concurrency=13"]).await, "13");
    assert_eq!(started(&world, &["--concurrency", "14"]).await, "14");
    std::fs::write(world.dir().join("other.toml"), "concurrency = 15\n").unwrap();
    world.unset("concurrency");
    assert_eq!(started(&world, &["--config", "other.toml"]).await, "15");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_value_of_a_variable_is_taken_literally() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    let mut redis = world.redis().await;
    for name in ["0123", "1e5", "true", "12345678901234567890123"] {
        world.set("namespace", name);
        world.run(["queue", "stats"]).await.good();
        let mut ask = redis::cmd("EXISTS");
        ask.arg(format!("{{{name}}}:index-key"));
        let there: bool = ask.query_async(&mut redis).await.unwrap();
        assert!(there, "{name}");
    }
    // An unrelated variable that is not text is neither an error nor printed.
    let mut strange = world.kyc(["queue", "stats"]);
    strange.env("STRANGE", OsStr::from_bytes(b"not \xff UTF-8"));
    Ran::of(&mut strange).await.good();
}
