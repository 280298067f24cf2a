//! `kyc enqueue --file` with the public key alone: the lines go sealed into the inboxes of their tenants.

use std::process::Stdio;

use kyc_client::redis::connect;
use kyc_tests::{Job, Ran, World, eventually_within, proxy::Proxy};
use redis::{AsyncCommands as _, streams::StreamRangeReply};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::tenants::user;

const LONG: std::time::Duration = std::time::Duration::from_secs(120);

/// Takes the keys from all later children, and gives them the public one.
fn seal_only(world: &mut World) {
    let public = world.vault().public().unwrap().to_string();
    world.unset("keys");
    world.set("public_key", &public);
}

fn line(nth: usize) -> String {
    Job::new("bvn", &format!("222{nth:05}000")).json() + "\n"
}

fn of_tenant(nth: usize, tenant: &str) -> String {
    let number = format!("222{nth:05}000");
    json!({ "kind": "bvn", "bvn": number, "tenant": tenant }).to_string() + "\n"
}

async fn enqueue(world: &World, file: &str, more: &[&str]) -> Ran {
    let path = world.dir().join("jobs.ndjson");
    std::fs::write(&path, file).unwrap();
    let path = path.display().to_string();
    let words = ["enqueue", "--file", &path];
    world.run(words.iter().chain(more)).await
}

/// Returns the ids of the entries of an inbox.
async fn entries(world: &World, stream: &str) -> Vec<String> {
    let mut redis = world.redis().await;
    let reply: StreamRangeReply = redis.xrange_all(stream).await.unwrap();
    let sealed = reply
        .ids
        .iter()
        .all(|entry| entry.map.contains_key("sealed") && entry.map.len() == 2);
    assert!(sealed, "{reply:?}");
    reply.ids.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_is_sealed_or_refused_by_itself() {
    let mut world = World::new().await;
    let keys = world.keys().to_owned();
    world.run(["tenants", "add", "acme"]).await.good();
    seal_only(&mut world);
    let file = [
        line(1),
        of_tenant(2, "acme"),
        "{\"kind\":\"bvn\",\"bvn\":\"123\"}\n".to_owned(),
        of_tenant(4, "unknown"),
        "\n".to_owned(),
        line(6),
    ]
    .concat();
    let ran = enqueue(&world, &file, &[]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let (own, acme) = (
        entries(&world, "{kyc}:inbox").await,
        entries(&world, "{kyc}:inbox:acme").await,
    );
    assert_eq!(
        ran.out.lines().collect::<Vec<_>>(),
        [&*own[0], &acme[0], &own[1]]
    );
    for part in [
        "line 3: bvn has 3 digits instead of 11",
        "line 4: tenant has no inbox: add it with kyc tenants add",
        "3 added to the inbox, 2 refused; the printed ids are those of entries, and a worker accepts the jobs",
    ] {
        assert!(ran.err.contains(part), "{part} is missing in: {}", ran.err);
    }
    let ran = enqueue(&world, &file, &["--json", "--lines", "2-4"]).await;
    let told: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let acme = entries(&world, "{kyc}:inbox:acme").await;
    assert!(
        told.contains(&json!({ "line": 2, "entry": acme[1] })),
        "{told:?}"
    );
    assert_eq!(
        told.last(),
        Some(&json!({ "added": 1, "refused": 2 })),
        "{told:?}"
    );
    assert_eq!((ran.code, told.len()), (1, 4), "{ran:?}");

    world.set("keys", &keys);
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[("inbox", "sealed-only")]).await;
    eventually_within(LONG, "all are done", async || {
        (world.published(&queue).await.len() == 4).then_some(())
    })
    .await;
    assert!(queue.rejected(10).await.unwrap().is_empty());
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producers_redis_user_is_enough() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    for tenant in ["acme", "evil"] {
        world.run(["tenants", "add", tenant]).await.good();
    }
    let url = user(&world, &["--role", "producer", "--tenant", "acme"]).await;
    seal_only(&mut world);
    world.set("redis_url", &url);
    let file = [
        of_tenant(1, "acme"),
        of_tenant(2, "evil"),
        of_tenant(3, "acme"),
    ]
    .concat();
    let ran = enqueue(&world, &file, &[]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.err
            .contains("line 2: tenant has an inbox to which this Redis user may not add"),
        "{ran:?}"
    );
    assert_eq!(ran.out.lines().count(), 2);
    let one = ["enqueue", "bvn", "22200000000", "--tenant", "acme"];
    let entry = world.run(one).await.good();
    let all = entries(&world, "{kyc}:inbox:acme").await;
    assert_eq!((all.len(), all[2].as_str()), (3, entry.trim()));
    let other = world
        .run(["enqueue", "bvn", "22200000000", "--tenant", "evil"])
        .await;
    assert!(
        other.code == 1 && other.err.contains("use the user of that tenant"),
        "{other:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_redis_goes_away_no_line_is_lost_or_added_twice() {
    let mut world = World::durable(kyc_sandbox::Config::default()).await;
    seal_only(&mut world);
    let file: Vec<String> = (1..=2500).map(line).collect();
    // Only some lines are meant: the others must not be among those to continue with.
    let meant = "1-2100,2401-2450";
    let mut enqueuing = world.kyc(["enqueue", "--file", "-", "--lines", meant]);
    enqueuing
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = enqueuing.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut ids = BufReader::new(child.stdout.take().unwrap()).lines();
    stdin
        .write_all(file[..1100].concat().as_bytes())
        .await
        .unwrap();
    // The whole first batch was answered.
    for _ in 0..1000 {
        ids.next_line().await.unwrap().unwrap();
    }
    world.redis_server().kill().unwrap();
    // The command stops at the next batch and reads no further.
    let _ = stdin.write_all(file[1100..].concat().as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{err}");
    for part in [
        "1000 added to the inbox, 0 refused",
        "stopped",
        "--lines 1001-2100,2401-2450",
    ] {
        assert!(err.contains(part), "{part} is missing in: {err}");
    }
    world.redis_server().restart().unwrap();
    let ran = enqueue(&world, &file.concat(), &["--lines", "1001-2100,2401-2450"]).await;
    assert_eq!(
        (ran.code, ran.out.lines().count()),
        (0, 1150),
        "{}",
        ran.err
    );
    assert_eq!(entries(&world, "{kyc}:inbox").await.len(), 2150);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_may_be_there_all_the_same_are_named() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    let direct = world.setting("redis_url").to_owned();
    let upstream = direct.trim_start_matches("redis://").trim_end_matches('/');
    let proxy = Proxy::before(upstream.parse().unwrap()).await.unwrap();
    seal_only(&mut world);
    world.set("redis_url", &proxy.url());
    let file: String = (1..=1200).map(line).collect();
    let lost = proxy.lose_reply_of("XADD");
    let ran = enqueue(&world, &file, &["--json"]).await;
    lost.lost().await;
    assert_eq!(ran.code, 6, "{ran:?}");
    let sum: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    let broken = &sum["broken_off"];
    let all = entries(&world, "{kyc}:inbox").await.len() as u64;
    let added = sum["added"].as_u64().unwrap();
    // What was added without an answer is among the lines that are named as unclear, and these are few.
    let unclear = broken["unclear"].as_str().unwrap();
    let (first, last) = unclear.split_once('-').unwrap_or((unclear, unclear));
    let unclear: u64 = last.parse::<u64>().unwrap() - first.parse::<u64>().unwrap() + 1;
    assert!(
        all > added && all <= added + unclear && unclear <= 64,
        "{sum} {all}"
    );
    assert!(broken["lines"].as_str().unwrap().ends_with('-'), "{sum}");
    // The rest follows, and for people the doubt is put into words.
    let lost = proxy.lose_reply_of("XADD");
    let ran = enqueue(&world, &line(1), &[]).await;
    lost.lost().await;
    assert_eq!(ran.code, 6, "{ran:?}");
    for part in [
        "Continue with: kyc enqueue --file",
        "--lines 1; lines 1 may have been added all the same, which is harmless with idempotency keys",
        "look for their references once the inbox is empty: kyc jobs show --reference R --tenant T",
    ] {
        assert!(ran.err.contains(part), "{part} is missing in: {}", ran.err);
    }
    // A server that refuses has added nothing, and there is no doubt.
    let mut redis = connect(&direct).await.unwrap();
    let full = ["SET", "maxmemory", "1"];
    redis::cmd("CONFIG")
        .arg(&full)
        .exec_async(&mut redis)
        .await
        .unwrap();
    let ran = enqueue(&world, &line(1), &[]).await;
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(
        ran.err.contains("its memory is full") && !ran.err.contains("all the same"),
        "{ran:?}"
    );
}
