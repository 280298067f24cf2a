//! `kyc enqueue --file`: each line by itself, whatever program wrote the file, and a Redis that goes away amid it.

use std::process::Stdio;

use kyc_tests::{Job, Ran, World};
use redis::AsyncCommands;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::cli::refused;

/// A job's line.
fn line(nth: usize) -> Vec<u8> {
    Job::new("bvn", &format!("22200{nth:06}"))
        .json()
        .into_bytes()
}

async fn enqueue(world: &World, file: &[u8], more: &[&str]) -> Ran {
    let path = world.dir().join("jobs.ndjson");
    std::fs::write(&path, file).unwrap();
    let path = path.display().to_string();
    let words = ["enqueue", "--file", &path];
    world.run(words.iter().chain(more)).await
}

async fn waiting(world: &World) -> u64 {
    let mut redis = world.redis().await;
    redis.zcard("{kyc}:ready:bvn:normal").await.unwrap()
}

/// Code, accepted ids, and the lines that were refused with their reasons.
fn told(ran: &Ran) -> (i32, usize, Vec<&str>) {
    let refused = ran.err.lines().filter(|line| line.starts_with("line "));
    (ran.code, ran.out.lines().count(), refused.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_is_taken_by_itself_and_told() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let two = |between: &[u8]| [&line(1)[..], between, &line(2), b"\n"].concat();
    let bad = |bad: &[u8]| [&line(1)[..], b"\n", bad, b"\n", &line(2), b"\n"].concat();
    let long = [b"{\"kind\":\"", &vec![b'x'; 300_000][..], b"\"}"].concat();
    for (file, code, accepted, reason) in [
        (two(b"\n"), 0, 2, ""),
        (two(b"\r\n"), 0, 2, ""),
        (two(b"\r"), 0, 2, ""),
        (two(b"\n\n \n\r\n"), 0, 2, ""),
        ([b"\xef\xbb\xbf", &two(b"\n")[..]].concat(), 0, 2, ""),
        ([&two(b"\n")[..], b"\x1a"].concat(), 0, 2, ""),
        (
            bad(b"{\"kind\":\"bvn\",\"reference\":\"\xe9\"}"),
            1,
            2,
            "line 2: job is not UTF-8",
        ),
        (bad(b"{\"kind\""), 1, 2, "line 2: job is not JSON"),
        (bad(b"[]"), 1, 2, "line 2: job is not a JSON object"),
        (
            bad(b"{\"kind\":\"bvn\",\"bvn\":\"123\"}"),
            1,
            2,
            "line 2: bvn has 3 digits",
        ),
        (bad(&long), 1, 2, "line 2: job is larger than 64 KiB"),
        (b"".to_vec(), 0, 0, ""),
    ] {
        let ran = enqueue(&world, &file, &[]).await;
        let (exit, ids, refused) = told(&ran);
        assert_eq!((exit, ids), (code, accepted), "{ran:?}");
        assert_eq!(refused.len(), usize::from(code != 0), "{ran:?}");
        assert!(refused.concat().contains(reason), "{ran:?}");
        let sums = format!(
            "{accepted} accepted, 0 already known, {} refused",
            refused.len()
        );
        assert!(ran.err.contains(&sums), "{ran:?}");
    }
    assert_eq!(waiting(&world).await, 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_is_told_as_a_whole_and_nothing_is_sent() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let text = String::from_utf8(line(1)).unwrap();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (file, said) in [
        ([b"\xff\xfe", &little[..]].concat(), "UTF-16"),
        ([b"\xfe\xff", &big[..]].concat(), "UTF-16"),
        (little, "UTF-16"),
        (big, "UTF-16"),
        (b"\x1f\x8b\x08\x00".to_vec(), "compressed"),
    ] {
        let ran = enqueue(&world, &file, &[]).await;
        refused(&world, &ran, &[said, "nothing was sent"]);
    }
    refused(
        &world,
        &world.run(["enqueue", "--file", "."]).await,
        &["cannot read"],
    );
    assert_eq!(waiting(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_does_not_cost_the_lines_of_its_batch() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let mut file = Vec::new();
    for nth in 1..=1500 {
        if nth == 1400 {
            file.extend(b"{\"kind\":\"bvn\",\"reference\":\"Ad\xe9\"}");
        } else {
            file.extend(line(nth));
        }
        file.push(b'\n');
    }
    let ran = enqueue(&world, &file, &["--json"]).await;
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1501);
    let bad: Vec<&Value> = lines
        .iter()
        .filter(|line| line["refused"].is_string())
        .collect();
    assert_eq!((bad.len(), &bad[0]["line"]), (1, &1400.into()));
    let sums = lines.last().unwrap();
    assert_eq!(
        (&sums["accepted"], &sums["refused"]),
        (&1499.into(), &1.into())
    );
    assert_eq!(waiting(&world).await, 1499);
    let few = enqueue(&world, &file, &["--lines", "2-3,1400,1499-"]).await;
    let (code, accepted, refused) = told(&few);
    assert_eq!((code, accepted, refused.len()), (1, 4, 1), "{few:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_goes_away_amid_a_file_leaves_word_how_to_go_on() {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    let mut enqueuing = world.kyc(["enqueue", "--file", "-"]);
    enqueuing
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = enqueuing.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut ids = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut file = Vec::new();
    for nth in 1..=2500 {
        file.extend(line(nth));
        file.push(b'\n');
        if nth == 1100 {
            stdin.write_all(&file).await.unwrap();
            file.clear();
            // All of the first batch were answered, so none of it is open.
            for _ in 0..1000 {
                ids.next_line().await.unwrap().unwrap();
            }
            world.redis_server().kill().unwrap();
        }
    }
    // It stops at the next batch, and may read no further.
    let _ = stdin.write_all(&file).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{err}");
    assert_eq!(ids.next_line().await.unwrap(), None);
    for part in ["1000 accepted", "stopped", "--lines 1001-"] {
        assert!(err.contains(part), "{part} is missing in: {err}");
    }
    world.redis_server().restart().unwrap();
    let mut file = Vec::new();
    for nth in 1..=2500 {
        file.extend(line(nth));
        file.push(b'\n');
    }
    let ran = enqueue(&world, &file, &["--lines", "1001-"]).await;
    assert_eq!(told(&ran), (0, 1500, vec![]), "{}", ran.err);
}
