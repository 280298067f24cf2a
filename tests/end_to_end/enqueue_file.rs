//! `kyc enqueue --file`: each line is handled on its own, in any common encoding, also when Redis goes away in between.

use std::process::Stdio;

use kyc_tests::{Job, Ran, World};
use redis::AsyncCommands;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::cli::refused;

/// Returns the line of a job.
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

/// Returns the exit code, the number of accepted ids, and the refused lines with their reasons.
fn told(ran: &Ran) -> (i32, usize, Vec<&str>) {
    let refused = ran.err.lines().filter(|line| line.starts_with("line "));
    (ran.code, ran.out.lines().count(), refused.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_is_handled_and_reported_on_its_own() {
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
async fn a_file_that_is_not_text_is_refused_as_a_whole() {
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
async fn a_table_is_read_as_spreadsheets_write_it() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let file = "\u{feff}BVN;Surname;D.O.B.;Ref\r\n22200000001;Okafor;1986-01-20;a\r\n\r\n22200000002.0;Eze;;b\r\n22200000003;Bello;;\r\n";
    let ran = enqueue(&world, file.as_bytes(), &["--priority", "high"]).await;
    let (exit, ids, refused_lines) = told(&ran);
    assert_eq!((exit, ids), (1, 2), "{ran:?}");
    assert!(
        refused_lines
            .concat()
            .starts_with("line 4: bvn has a decimal part"),
        "{ran:?}"
    );
    let mut redis = world.redis().await;
    let urgent: u64 = redis.zcard("{kyc}:ready:bvn:high").await.unwrap();
    assert_eq!(urgent, 2);

    // The kind of rows that do not name theirs; and only some lines.
    let numbers = b"number\n22200000001\n22200000002\n22200000003\n";
    let ran = enqueue(&world, numbers, &["bvn", "--lines", "3-"]).await;
    assert_eq!(told(&ran), (0, 2, vec![]), "{ran:?}");
    assert_eq!(waiting(&world).await, 2);

    for (file, said) in [
        (&b"number\n22200000001\n"[..], "no column tells the kind"),
        (
            b"bvn,refernce\n22200000001,a\n",
            "perhaps reference was meant",
        ),
        (b"PK\x03\x04\x14\0", "workbook"),
    ] {
        let ran = enqueue(&world, file, &[]).await;
        refused(&world, &ran, &["line 1: ", said, "nothing was sent"]);
    }
    let ran = enqueue(&world, numbers, &["bvm"]).await;
    refused(&world, &ran, &["bvm is no kind"]);
    assert_eq!(waiting(&world).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_does_not_affect_other_lines_of_its_batch() {
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
async fn when_redis_goes_away_the_error_says_how_to_continue() {
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
            // The whole first batch was answered.
            for _ in 0..1000 {
                ids.next_line().await.unwrap().unwrap();
            }
            world.redis_server().kill().unwrap();
        }
    }
    // The command stops at the next batch and reads no further.
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
