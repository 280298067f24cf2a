//! `kyc jobs list` and `kyc jobs show`, as tables and as JSON.

use kyc_queue::Queue;
use kyc_tests::{Job, Ran, World};
use serde_json::Value;

use crate::cli::refused;

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

/// Parses the output of a program, one JSON value on each line.
pub(crate) fn lines(said: &str) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap();
    said.lines().map(read).collect()
}

/// Runs a command as text and as JSON, and asserts that both succeed.
pub(crate) async fn both(world: &World, words: &[&str]) -> (String, Vec<Value>) {
    let text = world.run(words).await.good();
    let json = world.run([&["--json"], words].concat()).await.good();
    (text, lines(&json))
}

/// Enqueues `count` jobs of two kinds for a tenant.
async fn waiting(world: &World, queue: &Queue, count: usize, tenant: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for nth in 0..count {
        let job = Job::of_case(["bvn", "nin"][nth % 2], "000").with("tenant", tenant);
        ids.push(world.enqueue(queue, &job).await.to_string());
    }
    ids
}

fn ids(jobs: &[Value]) -> Vec<String> {
    let id = |job: &Value| job["id"].as_str().map(ToOwned::to_owned);
    jobs.iter().filter_map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_page_by_page() {
    let world = World::without_sandbox(NOBODY);
    let queue = world.queue().await;
    let mut all = waiting(&world, &queue, 23, "bank").await;
    all.extend(waiting(&world, &queue, 4, "other").await);
    let (mut seen, mut from) = (Vec::new(), String::new());
    loop {
        let mut words = vec!["jobs", "list", "waiting", "--most", "10", "--json"];
        if !from.is_empty() {
            words.extend(["--from", &from]);
        }
        let page = lines(&world.run(words).await.good());
        let (last, jobs) = page.split_last().unwrap();
        assert!(jobs.len() <= 10 && last["place"] == "waiting", "{last}");
        seen.extend(ids(jobs));
        match last["next"].as_str() {
            Some(next) => next.clone_into(&mut from),
            None => break,
        }
    }
    seen.sort_unstable();
    all.sort_unstable();
    assert_eq!(seen, all);

    // The command for the next page, as the table prints it, works.
    let first = world
        .run([
            "jobs", "list", "waiting", "--tenant", "bank", "--most", "20",
        ])
        .await;
    let (_, command) = first
        .err
        .trim()
        .split_once("There may be more: kyc ")
        .unwrap();
    let rest = world.run(command.split(' ')).await.good();
    let rows = |text: &str| text.matches("ready").count();
    assert_eq!((rows(&first.out), rows(&rest)), (20, 3), "{rest}");
    assert!(!rest.contains("other"), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_apply_their_filters_and_an_unfinished_search_says_so() {
    let world = World::without_sandbox(NOBODY);
    let queue = world.queue().await;
    let often = Job::of_case("bvn", "000").with("tenant", "often").request();
    for accepted in queue.enqueue_all(&vec![often; 5_600]).await {
        accepted.unwrap();
    }
    // These jobs come after all others, although the tenants of a queue take turns.
    let mut rare = Vec::new();
    for kind in ["bvn", "nin"] {
        let job = Job::of_case(kind, "000").with("tenant", "rare");
        let job = job.with("priority", "low");
        rare.push(world.enqueue(&queue, &job).await.to_string());
    }
    let words = ["jobs", "list", "waiting", "--tenant", "rare"];
    let ran = world.run(words).await;
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let (_, command) = ran.err.trim().split_once("go on with: kyc ").unwrap();
    let found = world.run(command.split(' ')).await.good();
    assert!(rare.iter().all(|id| found.contains(id)), "{found}");

    let (text, page) = both(&world, &["jobs", "list", "waiting", "--kind", "nin"]).await;
    assert_eq!(ids(&page), rare[1..]);
    for part in [rare[1].as_str(), "nin", "********000", "rare", "ready"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    assert!(
        !text.contains("worker") && !text.contains("ended"),
        "{text}"
    );
    assert_eq!(page.last().unwrap()["next"], Value::Null);

    queue.cancel(rare[0].parse().unwrap()).await.unwrap();
    let (text, places) = both(&world, &["jobs", "list"]).await;
    for head in ["waiting:\n", "cancelled:\n"] {
        assert!(text.contains(head), "{text}");
    }
    assert_eq!(
        places.len(),
        5 + 1 + 7,
        "five that wait, one cancelled, seven places"
    );
    let none = world
        .run(["jobs", "list", "dead", "--code", "wallet_empty"])
        .await;
    assert_eq!((none.code, none.out.as_str()), (0, ""), "{none:?}");
    assert_eq!(none.err, "No job is dead --code wallet_empty\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_refused_without_repeating_them() {
    let world = World::without_sandbox(NOBODY);
    let number = "22200000000";
    for (words, said) in [
        (&["list", number][..], &["PLACE is wrong", "scheduled"][..]),
        (&["list", "dead", "--kind", number], &["--kind", "passport"]),
        (
            &["list", "dead", "--tenant", "A B"],
            &["--tenant is not a tenant", "use 1 to 64"],
        ),
        (
            &["list", "dead", "--code", "a b"],
            &["--code", "wallet_empty"],
        ),
        (
            &["list", "dead", "--from", "bvn:high+1"],
            &["--from is wrong"],
        ),
        (&["list", "waiting", "--from", number], &["--from is wrong"]),
        (&["show", number], &["not a verification id"]),
        (&["retry", number], &["ID 1", "not a verification id"]),
        (
            &["retry", "--place", "completed"],
            &["--place", "dead, scheduled, needs_decision"],
        ),
        (
            &["cancel", "--place", "dead"],
            &["--place", "waiting, scheduled, needs_decision, running"],
        ),
        (
            &["discard", "--place", "running"],
            &["--place", "completed, dead, cancelled"],
        ),
    ] {
        let ran = world.run([&["jobs"], words].concat()).await;
        refused(&world, &ran, said);
    }
    for words in [
        &["list", "--from", "1+1"][..],
        &["list", "--most", "0"],
        &["show"],
        &["show", "--tenant", "a"],
        &["retry"],
        &["retry", "--kind", "bvn"],
        &["discard", "x", "--place", "dead"],
        &["cancel", "x", "--tenant", "a"],
    ] {
        let ran = world.run([&["jobs"], words].concat()).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{words:?}: {}",
            ran.err
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_shown_with_its_history_and_without_the_person() {
    let mut world = World::new().await;
    world.set("retry_first", "20ms");
    let queue = world.queue().await;
    let job = Job::of_case("bvn", "020").with("reference", "loan 7");
    let id = world.enqueue(&queue, &job).await;
    let shown = world.run(["jobs", "show", &id.to_string()]).await;
    assert_eq!(shown.code, 3, "{}", shown.err);
    assert!(shown.out.contains("ready"), "{}", shown.out);
    let mut worker = world.worker("one", &[]).await;
    world.end_of(&queue, id).await;
    let id = id.to_string();
    let (text, told) = both(&world, &["jobs", "show", &id]).await;
    for part in [
        &id,
        "loan 7",
        "found",
        "transient",
        "500",
        "completed",
        "default",
        "normal",
    ] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    let [told] = told.as_slice() else {
        panic!("one line")
    };
    assert_eq!(told["history"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!((&told["calls"], &told["attempts"]), (&2.into(), &2.into()));
    assert!(
        told.get("record").is_none() && told.get("images").is_none(),
        "{told}"
    );
    let name = job.who["last_name"].as_str().unwrap();
    assert!(!text.contains(name) && !told.to_string().contains(name));

    let other = Job::of_case("bvn", "044").with("reference", "loan 7");
    let dead = world.enqueue(&queue, &other).await;
    world.end_of(&queue, dead).await;
    let of = async |words: &[&str]| -> Ran {
        world
            .run([&["--json", "jobs", "show", "--reference"], words].concat())
            .await
    };
    let both = of(&["loan 7"]).await;
    assert_eq!(ids(&lines(&both.out)), [dead.to_string(), id]);
    let newest = of(&["loan 7", "--most", "1"]).await;
    assert_eq!(ids(&lines(&newest.out)), [dead.to_string()]);
    assert!(newest.err.contains("there are more"), "{}", newest.err);
    assert_eq!(of(&["loan 7", "--tenant", "other"]).await.code, 5);
    assert_eq!(of(&["loan"]).await.code, 5);
    let unknown = ["jobs", "show", "01J9ZQ3V5T8Y6K2M4N7P0R1S2T"];
    assert_eq!(world.run(unknown).await.code, 5);
    assert_eq!(worker.terminate().await, 0);
}
