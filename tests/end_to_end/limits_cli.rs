//! `kyc limits`: limits that are shown, set and cleared, and scopes that are paused and resumed.

use kyc_queue::ACCOUNT;
use kyc_tests::{Job, World, eventually};
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::{
    cli::refused,
    jobs::{both, lines},
};

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

/// Returns one row of `kyc limits`, as text and as JSON.
pub(crate) async fn row(world: &World, scope: &str) -> (String, Value) {
    let (text, told) = both(world, &["limits"]).await;
    let limiters = told[0].as_array().unwrap();
    let limiter = limiters
        .iter()
        .find(|limiter| limiter["scope"] == scope)
        .unwrap();
    let is_row = |line: &&str| line.contains(&format!("│ {scope} "));
    let row = text.lines().find(is_row).unwrap();
    (row.to_owned(), limiter.clone())
}

async fn set(world: &World, words: &[&str]) -> Value {
    let words = [&["--json", "limits", "set"], words].concat();
    lines(&world.run(words).await.good()).remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_set_one_by_one_and_shown_with_all_kinds() {
    let world = World::without_sandbox(NOBODY);
    let (text, told) = both(&world, &["limits", "show"]).await;
    let told = told[0].as_array().unwrap();
    let scopes: Vec<&str> = told
        .iter()
        .map(|limiter| limiter["scope"].as_str().unwrap())
        .collect();
    let known: Vec<&str> = kyc_kinds::names().chain([ACCOUNT]).collect();
    assert_eq!(scopes, known);
    assert_eq!(told[0]["limits"], json!({}));
    assert!(!text.contains("burst"), "{text}");

    let words = [
        "bvn",
        "--rate",
        "10/s",
        "--burst",
        "3",
        "--daily",
        "1000",
        "--in-flight",
        "20",
    ];
    let first = set(&world, &words).await;
    let rate = json!({ "calls": 10, "period_ms": 1000, "burst": 3, "margin_ms": 25 });
    let daily = json!({ "calls": 1000, "zone": "Africa/Lagos" });
    assert_eq!(
        first["limits"],
        json!({ "rate": rate, "daily": daily, "in_flight": 20 })
    );
    let slower = set(&world, &["bvn", "--rate", "2/s"]).await;
    let rate = json!({ "calls": 2, "period_ms": 1000, "burst": 2, "margin_ms": 25 });
    assert_eq!(
        slower["limits"],
        json!({ "rate": rate, "daily": daily, "in_flight": 20 }),
        "the others stay, and the burst is cut"
    );
    set(&world, &["bvn", "--margin", "40ms", "--zone", "UTC"]).await;
    let (text, told) = row(&world, "bvn").await;
    for part in ["2/s, burst 2, margin 40 ms", "0 of 1000 (UTC)", "0 of 20"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    assert_eq!(told["limits"]["rate"]["margin_ms"], 40);
    let of_account = ["limits", "set", ACCOUNT, "--rate", "300/m"];
    let row_of_it = world.run(of_account).await.good();
    assert!(row_of_it.contains("300/m, burst 1"), "{row_of_it}");
    assert!(!row_of_it.contains("bvn"), "one row: {row_of_it}");

    let none = ["bvn", "--rate", "none", "--daily", "none"];
    let left = set(&world, &none).await;
    assert_eq!(left["limits"], json!({ "in_flight": 20 }));
    for scope in ["bvn", ACCOUNT] {
        world.run(["limits", "clear", scope]).await.good();
        assert_eq!(row(&world, scope).await.1["limits"], json!({}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_limit_is_refused_with_a_remedy_and_changes_nothing() {
    let world = World::without_sandbox(NOBODY);
    let number = "22200000000";
    for (words, said) in [
        (
            &["set", number, "--rate", "5/s"][..],
            &["SCOPE", "passport", "account"][..],
        ),
        (&["set", "all", "--rate", "5/s"], &["SCOPE", "passport"]),
        (
            &["set", "bvn", "--rate", number],
            &["rate cannot be read", "5/s"],
        ),
        (
            &["set", "bvn", "--burst", "2"],
            &["burst", "give a rate too"],
        ),
        (
            &["set", "bvn", "--margin", "9ms"],
            &["margin", "give a rate too"],
        ),
        (
            &["set", "bvn", "--zone", "UTC"],
            &["zone", "give a daily quota too"],
        ),
        (
            &["set", "bvn", "--rate", "2/s", "--burst", "3"],
            &["burst is out of range"],
        ),
        (
            &["set", "bvn", "--rate", "2/s", "--margin", "2s"],
            &["margin is too long"],
        ),
        (&["set", "bvn", "--daily", "0"], &["daily is 0", "pause it"]),
        (
            &["set", "bvn", "--daily", "9", "--zone", "Lagos"],
            &["zone is not known", "Africa/Lagos"],
        ),
        (
            &["set", "bvn", "--in-flight", "1.5"],
            &["in_flight cannot be read"],
        ),
        (&["clear", number], &["SCOPE", "passport"]),
        (&["pause", "bvn", number], &["SCOPE 2 is not a kind", "all"]),
        (&["resume", number], &["SCOPE 1 is not a kind", "all"]),
    ] {
        let ran = world.run([&["limits"], words].concat()).await;
        refused(&world, &ran, said);
    }
    for words in [
        &["set", "bvn"][..],
        &["set"],
        &["clear"],
        &["pause"],
        &["resume"],
    ] {
        let ran = world.run([&["limits"], words].concat()).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{words:?}: {}",
            ran.err
        );
    }
    let queue = world.queue().await;
    assert!(queue.limits("bvn").await.unwrap().is_empty());
    assert!(queue.parked(&["bvn"]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_paused_for_all_kinds_and_resumed() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let paused = world.run(["limits", "pause", ACCOUNT, "nin"]).await.good();
    assert!(paused.contains("kyc limits resume account"), "{paused}");
    let bvn = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let nin = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    let (text, told) = both(&world, &["queue", "stats"]).await;
    assert!(text.contains("│ account "), "{text}");
    assert_eq!(
        told[0]["parked"].as_array().unwrap().len(),
        2,
        "{}",
        told[0]
    );
    let (text, told) = row(&world, ACCOUNT).await;
    assert!(
        text.contains("paused until resumed: kyc limits resume account"),
        "{text}"
    );
    assert!(text.contains("not known"), "{text}");
    assert_eq!(
        (&told["closed"]["reason"], &told["waiting"]),
        (&"paused".into(), &2.into())
    );

    // A kind waits while the account is paused.
    let of_kind = world.run(["queue", "resume", "nin"]).await.good();
    assert!(
        of_kind.contains("nin may send again: it was paused by hand"),
        "{of_kind}"
    );
    assert!(
        of_kind.contains("the account sends nothing (paused)"),
        "{of_kind}"
    );
    let sent: u64 = world.stats().arrivals.values().sum();
    assert_eq!(sent, 0, "nothing was sent");
    let told = world
        .run(["limits", "resume", ACCOUNT, "--json"])
        .await
        .good();
    let was = json!({ "kind": ACCOUNT, "resumed": true, "was": "paused" });
    assert_eq!(lines(&told), [was]);
    for id in [bvn, nin] {
        world.end_of(&queue, id).await;
    }
    let again = world.run(["limits", "resume", "all"]).await.good();
    assert_eq!(again.matches("was not parked").count(), 7, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_an_answer_parked_is_resumed_with_a_single_call() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let id = world.enqueue(&queue, &Job::of_case("bvn", "040")).await;
    let parked = eventually("the kind is parked", async || {
        let (text, told) = row(&world, "bvn").await;
        (told["closed"]["reason"] == "key_refused").then_some(text)
    })
    .await;
    assert!(
        parked.contains("key_refused until resumed: kyc limits resume bvn"),
        "{parked}"
    );
    let shown = world.run(["jobs", "show", &id.to_string()]).await.out;
    for part in [
        "The provider refuses the key",
        "kyc limits resume bvn",
        "It is the next of its kind",
    ] {
        assert!(shown.contains(part), "{part} is missing in: {shown}");
    }
    queue.cancel(id).await.unwrap();
    let resumed = world.run(["limits", "resume", "bvn"]).await.good();
    for part in ["a single call first", "key_refused"] {
        assert!(resumed.contains(part), "{part} is missing in: {resumed}");
    }
    let (text, told) = row(&world, "bvn").await;
    assert!(text.contains("one call at a time"), "{text}");
    assert_eq!(told["probing"], true);
    let next = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    world.end_of(&queue, next).await;
    assert_eq!(row(&world, "bvn").await.1["probing"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_does_not_count_calls_of_past_days() {
    let world = World::new().await;
    let mut raw = world.redis().await;
    let over = [("day_from", 1), ("day_to", 2), ("used", 5), ("served", 5)];
    let _: () = raw.hset_multiple("{kyc}:limiter:bvn", &over).await.unwrap();
    set(&world, &["bvn", "--daily", "2"]).await;
    let (text, _) = row(&world, "bvn").await;
    assert!(text.contains("0 of 2 (Africa/Lagos)"), "{text}");
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    world.end_of(&queue, id).await;
    // Today's calls stay counted when a limit changes.
    let more = set(&world, &["bvn", "--daily", "3", "--zone", "UTC"]).await;
    assert_eq!(more["used_today"], 1);
}
