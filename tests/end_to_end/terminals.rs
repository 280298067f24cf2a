//! The parts started by hand, as in four terminals: Redis, `kyc sandbox`, `kyc work`, and other commands of `kyc`.

use std::{os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use kyc_tests::{LONG, Program, World};
use serde_json::Value;

/// Makes a world whose sandbox is a separate process.
async fn terminals() -> (World, Program) {
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    let sandbox = world.start_sandbox().await;
    (world, sandbox)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_enqueued_and_followed_to_its_result_and_its_image() {
    let (world, _sandbox) = terminals().await;
    let id = world.run(["enqueue", "bvn", "22200000000"]).await.good();
    let id = id.trim();
    assert_eq!(id.len(), 26, "an id and nothing else: {id}");
    let early = world.run(["result", id]).await;
    assert_eq!(early.code, 3, "not finished: {}", early.err);

    let mut worker = world.worker("worker", &[]).await;
    let result = world.run(["result", id, "--wait", "--json"]).await.good();
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(
        (&result["state"], &result["verdict"]),
        (&"completed".into(), &"found".into())
    );
    assert_eq!(result["number"], "********000", "numbers are masked");

    its_image_opens(&world, id, &result).await;
    let published = world.run(["results", "--json"]).await.good();
    let published = lines(&published);
    assert_eq!((published.len(), &published[0]["id"]), (1, &id.into()));
    assert_eq!(worker.terminate().await, 0);
    world.nothing_left(&world.queue().await).await;
}

/// Asserts that the written file is the image of the result.
async fn its_image_opens(world: &World, id: &str, result: &Value) {
    let out = world.dir().join("opened");
    let mut open = world.kyc(["images", id, "--json", "--out"]);
    let listed = kyc_tests::Ran::of(open.arg(&out)).await.good();
    let [listed] = &lines(&listed)[..] else {
        panic!("one image: {listed}");
    };
    assert_eq!(listed["image"], result["images"][0]);
    let file = listed["file"].as_str().unwrap();
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only the owner reads it");
    let file = std::fs::read(file).unwrap();
    assert_eq!(listed["image"]["sha256"], kyc_blobs::sha256(&file));
    let image = image::load_from_memory(&file).unwrap();
    assert_eq!(
        (
            Some(u64::from(image.width())),
            Some(u64::from(image.height()))
        ),
        (
            listed["image"]["width"].as_u64(),
            listed["image"]["height"].as_u64()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_jobs_is_accepted_line_by_line_and_bad_lines_are_named() {
    let (world, _sandbox) = terminals().await;
    let jobs = [
        r#"{"kind": "bvn", "bvn": "22200000000", "reference": "first"}"#,
        r#"{"kind": "nin", "nin": "9876543219"}"#,
        "",
        r#"{"kind": "nin", "nin": "12345678000", "reference": "second", "refrence": "x"}"#,
        r#"{"kind": "nin_phone", "phone": "+2348031234000", "reference": "third"}"#,
        "not JSON",
    ];
    let file = world.dir().join("jobs.jsonl");
    std::fs::write(&file, jobs.join("\n")).unwrap();
    let mut enqueue = world.kyc(["enqueue", "--file"]);
    let ran = kyc_tests::Ran::of(enqueue.arg(&file)).await;
    assert_eq!(ran.code, 1, "some were refused");
    let ids: Vec<&str> = ran.out.lines().collect();
    assert_eq!(ids.len(), 2, "{}", ran.out);
    for said in [
        "line 2: nin has 10 digits instead of 11; write the 11 digits of the NIN",
        "line 4: refrence ",
        "line 6: job is not JSON",
        "2 accepted, 0 already known, 3 refused",
    ] {
        assert!(ran.err.contains(said), "{said} is missing in: {}", ran.err);
    }
    assert!(!ran.err.contains("9876543"), "{}", ran.err);

    let _worker = world.worker("worker", &[]).await;
    for id in &ids {
        world.run(["result", id, "--wait"]).await.good();
    }
    let published = world.run(["results"]).await.good();
    for word in [ids[0], ids[1], "first", "third"] {
        assert!(
            published.contains(word),
            "{word} is missing in: {published}"
        );
    }
    assert!(!published.contains("second"), "{published}");
    world.nothing_left(&world.queue().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_shows_the_state_of_a_verification() {
    let (world, _sandbox) = terminals().await;
    let unknown = world.run(["result", "01J9ZQ3V5T8Y6K2M4N7P0R1S2T"]).await;
    assert_eq!(unknown.code, 5, "{}", unknown.err);
    assert_eq!(unknown.err.lines().count(), 1, "{}", unknown.err);

    let tomorrow = jiff::Timestamp::now() + Duration::from_secs(24 * 3600);
    let tomorrow = format!("not_before={tomorrow}");
    let later = ["enqueue", "bvn", "22200000000", "--field", &tomorrow];
    let later = world.run(later).await.good();
    let waits = ["result", later.trim(), "--wait", "--timeout", "300ms"];
    assert_eq!(world.run(waits).await.code, 3);

    let mut worker = world.kyc(["work", "--until-stdin-ends", "--set", "max_attempts=1"]);
    let _worker = world.start("worker", &mut worker);
    let dead = world.run(["enqueue", "bvn", "22200000021", "--wait"]).await;
    assert_eq!(dead.code, 4, "{}{}", dead.out, dead.err);
    assert!(dead.out.contains("The provider failed."), "{}", dead.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_printed_as_they_arrive() {
    let (world, _sandbox) = terminals().await;
    let mut follow = world.kyc(["results", "--follow", "--json"]);
    // The command begins at the newest result, so it must be running before the job ends.
    let old = world.run(["enqueue", "bvn", "22200000000"]).await.good();
    let _worker = world.worker("worker", &[]).await;
    world.run(["result", old.trim(), "--wait"]).await.good();
    let mut following = world.start("follow", follow.stdout(Stdio::piped()));
    let line = async { following.first_line().await };
    let asking = async {
        // Earlier results are not shown, so jobs are enqueued until a result arrives.
        loop {
            world
                .run(["enqueue", "nin", "12345678000", "--wait"])
                .await
                .good();
        }
    };
    let line = tokio::select! {
        line = line => line,
        () = asking => unreachable!("the loop does not end"),
        () = tokio::time::sleep(LONG) => panic!("nothing came"),
    };
    let shown: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&shown["kind"], &shown["verdict"]),
        (&"nin".into(), &"found".into())
    );
}
