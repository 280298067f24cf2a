//! Scripts that stop anywhere while they delete what has ended.

use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{DAY_MS, MANY, Play, Stage, complete, settle, words};

pub(crate) async fn delete(play: &mut Play) {
    for state in ["completed", "dead"] {
        ended(play, state).await;
        let overdue = words(&[state, "0", "0", "9"]);
        let ids = play.ids.clone();
        let then = async |stage: &mut Stage, what: &str| {
            let listed = format!("{:?}", stage.done("overdue", &overdue).await);
            assert!(ids.iter().all(|id| listed.contains(id)), "{what}: {listed}");
        };
        let of = ("overdue", state);
        play.stage.at_each_stop(of, &overdue, then).await;
        let trim = [words(&[state, "0"]), play.ids.clone()].concat();
        deleted(play, ("trim", state), &trim, false).await;
        for place in ["", state] {
            let discard = [words(&[place, "3000000000000"]), play.ids.clone()].concat();
            deleted(play, ("discard", state), &discard, true).await;
        }
    }
    let jobs = [
        ("nin", 1, json!({})),
        ("bvn", 1, json!({})),
        ("bvn", 1, json!({})),
    ];
    play.with(&jobs).await;
    for id in play.ids.clone() {
        let key = format!("{{kyc}}:job:{id}");
        let raw = &mut play.stage.raw;
        let header: String = raw.hget(&key, "header").await.unwrap();
        let mut header: serde_json::Value = serde_json::from_str(&header).unwrap();
        header["enqueued"] = 1.into();
        let header = header.to_string();
        raw.hset::<_, _, _, ()>(&key, "header", header)
            .await
            .unwrap();
    }
    let expire = [words(&[DAY_MS, DAY_MS, MANY]), play.ids.clone()].concat();
    play.act(("expire", "waiting"), expire).await;
    results_of_a_removed_tenant(&mut play.stage).await;
    indexes(play).await;
}

/// Two jobs that ended, to which everything points that can. The second died before.
async fn ended(play: &mut Play, state: &str) {
    let more = |nth: usize| json!({"idempotency_key": format!("key-{nth}"), "reference": "loan", "tenant": "acme"});
    play.with(&[("nin", 1, more(1)), ("nin", 2, more(2))]).await;
    play.stage
        .raw
        .sadd::<_, _, ()>("{kyc}:tenants", "acme")
        .await
        .unwrap();
    play.lease().await;
    let ids = play.ids.clone();
    for id in &ids {
        let mut dead = settle(id, "dead", "transient", "http_599", "0");
        "sealed".clone_into(&mut dead[21]);
        play.stage.done("settle", &dead).await;
    }
    if state == "completed" {
        play.stage
            .done("retry", &[words(&["", "0"]), ids.clone()].concat())
            .await;
        let mut again = crate::support::lease("one~1", 2, DAY_MS);
        "1".clone_into(&mut again[2]);
        play.stage.done("lease", &again).await;
        let mut done = complete(&ids, "nin", &[]);
        "2".clone_into(&mut done[6]);
        for place in [14, 22] {
            "acme".clone_into(&mut done[place]);
        }
        play.stage.done("complete", &done).await;
    }
}

async fn deleted(
    play: &mut Play,
    of: (&'static str, &'static str),
    arguments: &[String],
    with_results: bool,
) {
    let ids = play.ids.clone();
    let stage = &mut play.stage;
    let before = left(stage, &ids, with_results).await;
    assert!(before.len() >= 5, "{before:?}");
    let then = async |stage: &mut Stage, what: &str| {
        for id in &ids {
            let exists: bool = stage.raw.exists(format!("{{kyc}}:job:{id}")).await.unwrap();
            let is_listed = stage.places().await.contains_key(id);
            assert!(!exists || is_listed, "{what}: {id} is in no place");
        }
        stage.done(of.0, arguments).await;
        let left = left(stage, &ids, with_results).await;
        assert!(left.is_empty(), "{what}, run again: {left:?}");
    };
    stage.at_each_stop(of, arguments, then).await;
}

/// What is left of the jobs, and of what points to them.
async fn left(stage: &mut Stage, ids: &[String], with_results: bool) -> Vec<String> {
    let mut left = Vec::new();
    for prefix in ["job:", "idempotency:", "reference:", "retained", "person"] {
        let keys: Vec<String> = stage.raw.keys(format!("{{kyc}}:{prefix}*")).await.unwrap();
        left.extend(keys);
    }
    let places = stage.places().await;
    left.extend(ids.iter().filter(|id| places.contains_key(*id)).cloned());
    for stream in ["results", "results:acme"] {
        let count: usize = stage.raw.xlen(format!("{{kyc}}:{stream}")).await.unwrap();
        left.extend((with_results && count > 0).then(|| format!("{count} in {stream}")));
    }
    left
}

async fn results_of_a_removed_tenant(stage: &mut Stage) {
    let mut pipe = redis::pipe();
    pipe.cmd("DEL")
        .arg("{kyc}:results:acme")
        .arg("{kyc}:tenants")
        .ignore();
    pipe.cmd("XGROUP")
        .arg(&["CREATE", "{kyc}:results:acme", "readers", "0", "MKSTREAM"])
        .ignore();
    pipe.sadd("{kyc}:removed-tenants", "acme").ignore();
    pipe.exec_async(&mut stage.raw).await.unwrap();
    let arguments = words(&["acme"]);
    let then = async |stage: &mut Stage, what: &str| {
        stage.done("drop_results", &arguments).await;
        let left: usize = stage
            .raw
            .exists(&["{kyc}:results:acme", "{kyc}:removed-tenants"])
            .await
            .unwrap();
        assert_eq!(left, 0, "{what}");
    };
    stage
        .at_each_stop(("drop_results", "an empty stream"), &arguments, then)
        .await;
}

/// Other keys of the blind indexes, and other indexes of a job's numbers.
async fn indexes(play: &mut Play) {
    play.with(&[("nin", 1, json!({}))]).await;
    let (stage, id) = (&mut play.stage, play.ids[0].clone());
    let known: String = stage.raw.hget("{kyc}:persons", &id).await.unwrap();
    let state: String = stage.raw.get("{kyc}:index-id").await.unwrap();
    let arguments = words(&[&*state, &id, &known, "aa bb"]);
    let then = async |stage: &mut Stage, what: &str| {
        stage.done("reindex", &arguments).await;
        let indexes: String = stage.raw.hget("{kyc}:persons", &id).await.unwrap();
        let mut people: Vec<String> = stage.raw.keys("{kyc}:person:*").await.unwrap();
        people.sort_unstable();
        assert_eq!(indexes, "aa bb", "{what}");
        assert_eq!(people, ["{kyc}:person:aa", "{kyc}:person:bb"], "{what}");
    };
    let of = ("reindex", "a job");
    stage.at_each_stop(of, &arguments, then).await;

    // Who repeats it reads the keys first.
    let sealed: Vec<u8> = stage.raw.get("{kyc}:index-key").await.unwrap();
    assert!(!sealed.is_empty());
    stage
        .raw
        .set::<_, _, ()>("{kyc}:index-key", "old")
        .await
        .unwrap();
    let then = async |stage: &mut Stage, what: &str| {
        let known: String = stage.raw.get("{kyc}:index-key").await.unwrap();
        stage.done("index", &words(&[&*known, "new", "text"])).await;
        let state: String = stage.raw.get("{kyc}:index-id").await.unwrap();
        assert_eq!(state, "text", "{what}");
    };
    let arguments = words(&["old", "new", "text"]);
    let of = ("index", "other keys");
    stage.at_each_stop(of, &arguments, then).await;
    stage
        .raw
        .set::<_, _, ()>("{kyc}:index-key", sealed)
        .await
        .unwrap();
}
