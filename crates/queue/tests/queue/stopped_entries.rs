//! Scripts that stop anywhere while they accept jobs, or take and reject entries of the inbox.

use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::support::{DAY_MS, MANY, Play, Stage, lease, words};

pub(crate) const FIRST: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2T";
const SECOND: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S3T";
const KEY: &str = "c0a1e5ce";

pub(crate) async fn accept_and_reject(play: &mut Play) {
    let waits = (
        "bvn",
        json!({"coalescing": {"index": KEY, "window": 3_600_000}}),
    );
    let urgent = (
        "bvn",
        json!({"priority": "high", "coalescing": waits.1["coalescing"]}),
    );
    let due = json!({"deadline": 4_000_000_000_000_u64});
    let later = json!({"not_before": 4_000_000_000_000_u64});
    for (of, leader, (kind, header)) in [
        ("plain", None, ("nin", json!({}))),
        ("with a deadline", None, ("nin", due)),
        ("later", None, ("nin", later)),
        ("a leader", None, waits.clone()),
        ("a follower", Some(&waits), waits.clone()),
        ("a more urgent leader", Some(&waits), urgent),
    ] {
        for is_keyed in [false, true] {
            for from_inbox in [false, true] {
                let job = Job {
                    kind,
                    header: &header,
                    is_keyed,
                    from_inbox,
                };
                accepted(play, of, leader, &job).await;
            }
        }
    }
    rejected(&mut play.stage).await;
    taken(&mut play.stage).await;
}

#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) kind: &'a str,
    pub(crate) header: &'a Value,
    pub(crate) is_keyed: bool,
    pub(crate) from_inbox: bool,
}

impl Job<'_> {
    /// The arguments with which the job is accepted under this id.
    pub(crate) fn arguments(&self, fingerprint: &str, id: &str, entry: &str) -> Vec<String> {
        let mut header =
            json!({"kind": self.kind, "tenant": "default", "priority": "normal", "number": "***"});
        for (name, value) in self.header.as_object().unwrap() {
            header[name] = value.clone();
        }
        let at = |name: &str| header[name].as_u64().unwrap_or(0).to_string();
        let (not_before, deadline) = (at("not_before"), at("deadline"));
        let priority = header["priority"].as_str().unwrap().to_owned();
        let index = if self.is_keyed { "1dea" } else { "" };
        let coalesces = if header["coalescing"].is_null() {
            "0"
        } else {
            "1"
        };
        let entry = if self.from_inbox { entry } else { "" };
        let stream = if self.from_inbox { "inbox" } else { "" };
        words(&[
            fingerprint,
            stream,
            "0",
            MANY,
            id,
            self.kind,
            &priority,
            "default",
            &header.to_string(),
            "key",
            "sealed",
            &not_before,
            &deadline,
            index,
            "d19e57",
            "4ef",
            coalesces,
            entry,
            "",
            "a1 b2",
        ])
    }
}

async fn accepted(
    play: &mut Play,
    of: &'static str,
    leader: Option<&(&str, Value)>,
    job: &Job<'_>,
) {
    play.with(&[]).await;
    let stage = &mut play.stage;
    let fingerprint: String = stage.raw.get("{kyc}:index-id").await.unwrap();
    let mut before = Vec::new();
    if let Some((kind, header)) = leader {
        let first = Job {
            kind,
            header,
            is_keyed: false,
            from_inbox: false,
        };
        before = vec!["01J9ZQ3V5T8Y6K2M4N7P0R1S1T".to_owned()];
        stage
            .done("enqueue", &first.arguments(&fingerprint, &before[0], ""))
            .await;
    }
    let entry = an_entry(stage, &["job", "{}"]).await;
    let first = job.arguments(&fingerprint, FIRST, &entry);
    let another = job.arguments(&fingerprint, SECOND, &entry);
    let is_repeated = job.is_keyed || job.from_inbox;
    for is_leased in [false, true] {
        for again in [&first, &another] {
            let then = async |stage: &mut Stage, what: &str| {
                let what = format!(
                    "{what}, keyed {}, from the inbox {}",
                    job.is_keyed, job.from_inbox
                );
                let left: usize = stage.raw.xlen("{kyc}:inbox").await.unwrap();
                let there = exist(stage, &[FIRST]).await;
                assert!(
                    left == 1 || there == 1,
                    "{what}: the entry is gone without a job"
                );
                every_job_has_a_place(stage, &before, &what).await;
                if is_leased {
                    stage.done("lease", &lease("other~1", 1, DAY_MS)).await;
                    every_job_has_a_place(stage, &before, &what).await;
                }
                let count = if is_repeated {
                    stage.done("enqueue", again).await;
                    1
                } else {
                    there
                };
                stage.done("lease", &lease("last~1", 1, DAY_MS)).await;
                let what = format!("{what}, leased {is_leased}, run again");
                every_job_has_a_place(stage, &before, &what).await;
                assert_eq!(exist(stage, &[FIRST, SECOND]).await, count, "{what}");
                for (id, places) in stage.places().await {
                    if places == ["scheduled"] && exist(stage, &[&id]).await == 0 {
                        continue; // an id without a job, which is dropped when it is due
                    }
                    assert_eq!(
                        exist(stage, &[&id]).await,
                        1,
                        "{what}: only an id in {places:?}"
                    );
                    assert_eq!(places.len(), 1, "{what}: {places:?}");
                }
                if job.from_inbox {
                    assert_eq!(inbox(stage).await, (0, 0, 0), "{what}: the entry is left");
                }
                if job.is_keyed {
                    let named: String = stage.raw.get("{kyc}:idempotency:1dea").await.unwrap();
                    let id = named.split(' ').next().unwrap();
                    assert_eq!(exist(stage, &[id]).await, 1, "{what}");
                }
            };
            stage.at_each_stop(("enqueue", of), &first, then).await;
        }
    }
}

/// Adds an entry to the inbox, and lets a worker read it.
async fn an_entry(stage: &mut Stage, fields: &[&str]) -> String {
    let mut pipe = redis::pipe();
    pipe.cmd("DEL").arg("{kyc}:inbox").ignore();
    pipe.cmd("XGROUP")
        .arg(&["CREATE", "{kyc}:inbox", "pods", "0", "MKSTREAM"])
        .ignore();
    pipe.cmd("XADD").arg("{kyc}:inbox").arg("*").arg(fields);
    pipe.cmd("XREADGROUP")
        .arg(&["GROUP", "pods", "one", "STREAMS", "{kyc}:inbox", ">"])
        .ignore();
    let (entry,): (String,) = pipe.query_async(&mut stage.raw).await.unwrap();
    entry
}

/// Entries in the inbox, those that a worker has read, and those that are being accepted.
pub(crate) async fn inbox(stage: &mut Stage) -> (usize, usize, usize) {
    let mut pipe = redis::pipe();
    pipe.xlen("{kyc}:inbox")
        .xpending("{kyc}:inbox", "pods")
        .hlen("{kyc}:accepting");
    let (left, pending, accepting): (_, redis::Value, _) =
        pipe.query_async(&mut stage.raw).await.unwrap();
    let redis::Value::Array(pending) = pending else {
        panic!("{pending:?}")
    };
    let redis::Value::Int(pending) = pending[0] else {
        panic!("{pending:?}")
    };
    (left, usize::try_from(pending).unwrap(), accepting)
}

pub(crate) async fn exist(stage: &mut Stage, ids: &[&str]) -> usize {
    let keys: Vec<String> = ids.iter().map(|id| format!("{{kyc}}:job:{id}")).collect();
    stage.raw.exists(keys).await.unwrap()
}

async fn every_job_has_a_place(stage: &mut Stage, before: &[String], what: &str) {
    let places = stage.places().await;
    for id in [FIRST, SECOND]
        .into_iter()
        .chain(before.iter().map(String::as_str))
    {
        let exists = exist(stage, &[id]).await == 1;
        let of_it = places.get(id).cloned().unwrap_or_default();
        assert!(!exists || !of_it.is_empty(), "{what}: {id} is in no place");
        let leases = of_it.iter().filter(|place| place.starts_with("leases:"));
        assert!(leases.count() <= 1, "{what}: leased twice: {of_it:?}");
    }
}

async fn rejected(stage: &mut Stage) {
    let entry = an_entry(stage, &["job", "{}"]).await;
    let arguments = words(&[
        "inbox",
        &entry,
        "kind",
        "is missing",
        "name one",
        "kind is missing",
        "sealed",
        MANY,
        "2",
        "",
        MANY,
    ]);
    let then = async |stage: &mut Stage, what: &str| {
        let kept: usize = stage.raw.xlen("{kyc}:inbox:rejected").await.unwrap();
        assert!(
            kept == 1 || inbox(stage).await.0 == 1,
            "{what}: the entry is lost"
        );
        stage.done("reject", &arguments).await;
        assert_eq!(inbox(stage).await, (0, 0, 0), "{what}, run again");
        let kept: usize = stage.raw.xlen("{kyc}:inbox:rejected").await.unwrap();
        assert!((1..=2).contains(&kept), "{what}: rejected {kept} times");
    };
    stage
        .at_each_stop(("reject", "an entry"), &arguments, then)
        .await;
}

fn take(from: &str, left_behind_ms: &str) -> Vec<String> {
    words(&[
        "inbox",
        "two",
        from,
        "16",
        left_behind_ms,
        "1000",
        "2",
        "1",
        MANY,
    ])
}

async fn taken(stage: &mut Stage) {
    let large = "x".repeat(2000);
    let entries = [
        &["job", "good"][..],
        &["job", &large],
        &["a", "1", "b", "2", "c", "3"],
    ];
    // New entries, and those that another worker left behind.
    for from in [">", "-"] {
        for fields in entries {
            let entry = an_entry(stage, fields).await;
            if from == ">" {
                let reset = ["SETID", "{kyc}:inbox", "pods", "0"];
                redis::cmd("XACK")
                    .arg(&["{kyc}:inbox", "pods", &entry])
                    .exec_async(&mut stage.raw)
                    .await
                    .unwrap();
                redis::cmd("XGROUP")
                    .arg(&reset)
                    .exec_async(&mut stage.raw)
                    .await
                    .unwrap();
            }
            let is_good = fields[1] == "good";
            let then = async |stage: &mut Stage, what: &str| {
                let mut given = 0;
                for from in ["0", "-", ">"] {
                    let answer = stage.done("take", &take(from, "0")).await;
                    given += usize::from(format!("{answer:?}").contains("good"));
                }
                let kept: usize = stage.raw.xlen("{kyc}:inbox:rejected").await.unwrap();
                let (left, ..) = inbox(stage).await;
                if is_good {
                    assert!(
                        given > 0 && left == 1 && kept == 0,
                        "{what}: {given} {left} {kept}"
                    );
                } else {
                    assert!((1..=2).contains(&kept), "{what}: rejected {kept} times");
                    assert_eq!(inbox(stage).await, (0, 0, 0), "{what}, run again");
                }
            };
            stage
                .at_each_stop(("take", "an entry"), &take(from, "0"), then)
                .await;
        }
    }
}
