//! `kyc jobs retry`, `cancel` and `discard`, and their effects.

use std::time::Duration;

use kyc_domain::VerificationId;
use kyc_queue::{Queue, State};
use kyc_sandbox::Config;
use kyc_tests::{Job, Ran, World, eventually};
use serde_json::{Value, json};

use crate::{
    jobs::{both, lines},
    secrets::files_below,
};

const NOBODY: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2T";

async fn run(world: &World, words: &[&str]) -> Ran {
    world.run([&["jobs"], words].concat()).await
}

/// Matches the output line of a job by whether the action was done.
fn done(id: VerificationId, done: bool) -> impl Fn(&Value) -> bool {
    let id = id.to_string();
    move |line| line["id"] == id.as_str() && line["done"] == done
}

async fn is(world: &World, queue: &Queue, id: VerificationId, state: State) {
    assert_eq!(world.look(queue, id).await.state, state, "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_and_scheduled_jobs_are_retried_and_complete() {
    let mut world = World::new().await;
    world.set("max_attempts", "1");
    let queue = world.queue().await;
    // A failure that opens the circuit would not count as an attempt.
    let mut worker = world.worker("one", &[("circuit_failures", "0")]).await;
    let once = |nth: usize| Job::new("bvn", &format!("2221234{nth}020"));
    let mut dead = Vec::new();
    for nth in 0..4 {
        dead.push(
            world
                .enqueue(&queue, &once(nth).with("tenant", "bank"))
                .await,
        );
    }
    dead.push(world.enqueue(&queue, &once(5)).await);
    let completed = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    let later = Job::of_case("cac", "000").with("not_before", "2099-01-01T00:00:00Z");
    let later = world.enqueue(&queue, &later).await;
    for id in &dead {
        assert_eq!(world.end_of(&queue, *id).await.state, State::Dead);
    }
    world.end_of(&queue, completed).await;

    // By id: the action is done where it applies, and the other ids are named.
    let words = [
        dead[0].to_string(),
        completed.to_string(),
        NOBODY.to_owned(),
    ];
    let words: Vec<&str> = ["retry", "--json"]
        .into_iter()
        .chain(words.iter().map(String::as_str))
        .collect();
    let ran = run(&world, &words).await;
    let told = lines(&ran.out);
    assert_eq!((ran.code, told.len()), (1, 4), "{ran:?}");
    assert!(
        done(dead[0], true)(&told[0]) && done(completed, false)(&told[1]),
        "{told:?}"
    );
    assert!(
        told[2]["why"].as_str().unwrap().contains("no such job"),
        "{told:?}"
    );
    assert_eq!(told[3], json!({ "retried": 1, "not_done": 2 }));
    assert_eq!(world.end_of(&queue, dead[0]).await.state, State::Completed);

    // By filter: the matching jobs are counted, and nothing is done without `--yes`.
    let bank = [
        "retry", "--place", "dead", "--kind", "bvn", "--tenant", "bank",
    ];
    let asked = run(&world, &bank).await;
    assert_eq!((asked.code, asked.out.as_str()), (1, ""), "{asked:?}");
    for part in ["3 dead jobs", "--tenant bank", "--yes"] {
        assert!(
            asked.err.contains(part),
            "{part} is missing in: {}",
            asked.err
        );
    }
    is(&world, &queue, dead[1], State::Dead).await;
    let ran = run(&world, &[&bank[..], &["--yes"]].concat()).await;
    assert_eq!(ran.good(), "3 jobs retried\n");
    for id in &dead[1..4] {
        assert_eq!(world.end_of(&queue, *id).await.state, State::Completed);
    }
    is(&world, &queue, dead[4], State::Dead).await;
    assert_eq!(run(&world, &bank).await.good(), "0 jobs retried\n");
    let ran = run(
        &world,
        &["retry", "--place", "scheduled", "--yes", "--json"],
    )
    .await;
    assert_eq!(lines(&ran.good()), [json!({ "retried": 1, "not_done": 0 })]);
    assert_eq!(world.end_of(&queue, later).await.state, State::Completed);
    assert_eq!(worker.terminate().await, 0);
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_and_running_jobs_are_cancelled() {
    let latency = Duration::from_secs(50);
    let world = World::with(Config {
        latency,
        ..Config::default()
    })
    .await;
    let queue = world.queue().await;
    let settings = [("kinds", "bvn"), ("lease", "1s"), ("call_timeout", "55s")];
    let mut worker = world.worker("one", &settings).await;
    let runs = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let waits = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    let other = world.enqueue(&queue, &Job::of_case("cac", "000")).await;
    eventually("it runs", async || {
        (world.look(&queue, runs).await.state == State::Running).then_some(())
    })
    .await;
    let (text, told) = both(&world, &["jobs", "list", "running"]).await;
    assert!(
        text.contains("one") && text.contains(&runs.to_string()),
        "{text}"
    );
    assert_eq!(told[0]["worker"], "one");

    let ran = run(&world, &["cancel", &waits.to_string(), &waits.to_string()]).await;
    assert_eq!(
        ran.good(),
        format!("{waits} cancelled\n"),
        "named twice, done once"
    );
    let again = run(&world, &["cancel", &waits.to_string()]).await;
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(
        again.err.contains("it is cancelled, and only"),
        "{}",
        again.err
    );
    let ran = run(
        &world,
        &["cancel", "--place", "running", "--kind", "bvn", "--yes"],
    )
    .await;
    assert_eq!(ran.good(), "1 job cancelled\n");
    for id in [runs, waits] {
        let shown = world.run(["result", &id.to_string()]).await;
        assert_eq!(shown.code, 4, "{shown:?}");
        assert!(shown.out.contains("cancelled"), "{}", shown.out);
    }
    is(&world, &queue, other, State::Waiting).await;
    let results = world.run(["results"]).await.good();
    assert_eq!(
        results.matches("cancelled").count(),
        4,
        "state and reason: {results}"
    );
    // Its call is aborted, so the worker does not wait for it.
    assert_eq!(worker.terminate().await, 0);
    is(&world, &queue, runs, State::Cancelled).await;
    queue.cancel(other).await.unwrap();
    world.nothing_left(&queue).await;
}

/// Enqueues jobs and waits until they have completed with images.
async fn completed(world: &World, queue: &Queue, count: usize) -> Vec<VerificationId> {
    let mut ids = Vec::new();
    for nth in 0..count {
        let job = Job::new("bvn", &format!("2221234{nth}000"));
        ids.push(world.enqueue(queue, &job).await);
    }
    for id in &ids {
        assert_eq!(world.end_of(queue, *id).await.state, State::Completed);
    }
    ids
}

async fn discard(world: &World, words: &[&str]) -> Ran {
    run(world, &[&["discard"], words].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn discarding_a_job_removes_its_images() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let mut worker = world.worker("one", &[]).await;
    let ids = completed(&world, &queue, 6).await;
    assert_eq!(worker.terminate().await, 0);
    let folder = world.blobs();
    let images = || files_below(&folder).len();
    assert_eq!(images(), 6);
    let waits = world.enqueue(&queue, &Job::of_case("nin", "000")).await;

    let ran = discard(&world, &[&ids[0].to_string(), &waits.to_string()]).await;
    assert_eq!((ran.code, ran.out), (1, format!("{} discarded\n", ids[0])));
    assert!(
        ran.err.contains("it is waiting") && ran.err.contains("cancel it first"),
        "{}",
        ran.err
    );
    assert_eq!(images(), 5);
    assert_eq!(world.run(["result", &ids[0].to_string()]).await.code, 5);
    is(&world, &queue, waits, State::Waiting).await;

    // A job stays while its images cannot be deleted.
    let aside = world.dir().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("default"), "a file where the folder was").unwrap();
    let ran = discard(&world, &[&ids[1].to_string()]).await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("the job is kept") && ran.err.contains("cannot delete"),
        "{}",
        ran.err
    );
    is(&world, &queue, ids[1], State::Completed).await;
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::rename(&aside, &folder).unwrap();

    // An image that is already gone is no error.
    let outcome = world.look(&queue, ids[1]).await.outcome.unwrap();
    std::fs::remove_file(folder.join(&outcome.images[0].key)).unwrap();
    discard(&world, &[&ids[1].to_string()]).await.good();

    // Without a key, so that the outcome cannot be opened, its images are still found under the job's prefix.
    let keys = world.keys().to_owned();
    world.unset("keys");
    let third = ids[2].to_string();
    let shown = run(&world, &["show", &third]).await.good();
    assert!(shown.contains("completed"), "{shown}");
    let before = images();
    discard(&world, &[&third]).await.good();
    assert_eq!(images(), before - 1);
    world.set("keys", &keys);

    let left = images();
    let asked = discard(&world, &["--place", "completed"]).await;
    assert!(
        asked.code == 1 && asked.err.contains("3 completed jobs"),
        "{}",
        asked.err
    );
    assert_eq!(images(), left);
    let ran = discard(&world, &["--place", "completed", "--yes", "--json"])
        .await
        .good();
    assert_eq!(lines(&ran), [json!({ "discarded": 3, "not_done": 0 })]);
    assert_eq!(images(), left - 3);
    queue.cancel(waits).await.unwrap();
    discard(&world, &["--place", "cancelled", "--yes"])
        .await
        .good();
    assert!(queue.look(waits).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_removes_files_that_a_power_cut_left_half_written() {
    let world = World::new().await;
    let folder = world.blobs().join("default").join("01j0");
    std::fs::create_dir_all(&folder).unwrap();
    let leave = |name: &str, days: u64| {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        let then = std::time::SystemTime::now() - Duration::from_secs(days * 24 * 3600);
        file.set_modified(then).unwrap();
    };
    leave("photo#1", 2);
    leave("photo", 2);
    leave("signature#1", 0);
    let _worker = world.worker("one", &[]).await;
    eventually("the old half is removed", async || {
        (!folder.join("photo#1").exists()).then_some(())
    })
    .await;
    // A file that is being written and complete images stay.
    assert_eq!(files_below(&folder).len(), 2);
}
