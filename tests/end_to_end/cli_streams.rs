//! Standard input that stays open, and standard output that is closed.

use std::process::Stdio;

use kyc_tests::{LONG, Ran, World, signal};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_program_whose_standard_input_stays_open() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let mut sandbox = world.kyc(["sandbox", "--listen", "127.0.0.1:0", "--until-stdin-ends"]);
    sandbox.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut sandbox = sandbox.spawn().unwrap();
    // `wait` closes a child's standard input, unless the handle was taken.
    let held = sandbox.stdin.take();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
    timeout(LONG, lines.next_line()).await.unwrap().unwrap();
    signal(sandbox.id().unwrap(), "TERM").await;
    let ended = timeout(LONG, sandbox.wait()).await;
    assert!(ended.expect("it ends").unwrap().success());
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_standard_output_is_no_error() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    for words in [
        &["settings"][..],
        &["keys", "generate"],
        &["queue", "stats"],
        &["queue", "stats", "--json"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.kyc(words);
        command.stdout(writer).stderr(Stdio::piped());
        let ended = command.spawn().unwrap().wait_with_output();
        let ended = timeout(LONG, ended).await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(
            (ended.status.code(), said.as_str()),
            (Some(0), ""),
            "{words:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_enqueued_to_its_end_when_standard_output_is_closed() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let jobs = "{\"kind\": \"bvn\", \"bvn\": \"22200000000\"}\n".repeat(3);
    let file = world.dir().join("jobs.jsonl");
    std::fs::write(&file, jobs).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.kyc(["enqueue", "--file"]);
    command.arg(&file).stdout(writer).stderr(Stdio::piped());
    let ended = command.spawn().unwrap().wait_with_output();
    let ended = timeout(LONG, ended).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(0), "{said}");
    assert!(said.contains("3 accepted"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_kind_is_printed_as_json_with_the_json_flag() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let told = Ran::of(&mut world.kyc(["queue", "resume", "bvn", "--json"])).await;
    let told: serde_json::Value = serde_json::from_str(&told.good()).unwrap();
    assert_eq!(told, serde_json::json!({ "kind": "bvn", "resumed": true }));
}
