//! Scripts that stop anywhere while jobs are submitted, withdrawn, and accepted or refused under their ids.

use redis::AsyncCommands as _;

use crate::{
    stopped_entries::{FIRST, Job, exist, inbox},
    support::{MANY, Play, Stage, words},
};

const OTHER: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S4T";
const SUBMISSION: &str = "{kyc}:submission:01J9ZQ3V5T8Y6K2M4N7P0R1S2T";

fn submit(id: &str, index: &str) -> Vec<String> {
    words(&[
        "inbox", id, index, "d19e57", MANY, "{}", "test", "record", "sealed",
    ])
}

/// Submits a job and lets a worker read its entry, which is returned.
async fn submitted(stage: &mut Stage) -> String {
    let mut pipe = redis::pipe();
    pipe.cmd("DEL").arg("{kyc}:inbox").ignore();
    pipe.cmd("XGROUP")
        .arg(&["CREATE", "{kyc}:inbox", "pods", "0", "MKSTREAM"])
        .ignore();
    pipe.exec_async(&mut stage.raw).await.unwrap();
    stage.done("submit", &submit(FIRST, "")).await;
    let mut read = redis::cmd("XREADGROUP");
    read.arg(&["GROUP", "pods", "one", "STREAMS", "{kyc}:inbox", ">"]);
    read.exec_async(&mut stage.raw).await.unwrap();
    stage.raw.hget(SUBMISSION, "entry").await.unwrap()
}

pub(crate) async fn submissions(play: &mut Play) {
    play.with(&[]).await;
    for index in ["", "1dea"] {
        is_submitted(&mut play.stage, index).await;
    }
    play.with(&[]).await;
    is_submitted_as_row(&mut play.stage).await;
    play.with(&[]).await;
    is_withdrawn(&mut play.stage).await;
    for known in [false, true] {
        play.with(&[]).await;
        is_accepted(&mut play.stage, known).await;
    }
    play.with(&[]).await;
    is_refused(&mut play.stage).await;
}

async fn is_submitted(stage: &mut Stage, index: &str) {
    let then = async |stage: &mut Stage, what: &str| {
        // The caller was not told an id, and tries again with another one.
        let answer = stage.done("submit", &submit(OTHER, index)).await;
        let (_, id): (String, String) = redis::from_redis_value(answer).unwrap();
        let key = format!("{{kyc}}:submission:{id}");
        let entry: String = stage.raw.hget(&key, "entry").await.unwrap();
        let there: redis::streams::StreamRangeReply = stage
            .raw
            .xrange("{kyc}:inbox", &entry, &entry)
            .await
            .unwrap();
        assert_eq!(there.ids.len(), 1, "{what}: {id} has no entry");
        if !index.is_empty() {
            let named: String = stage.raw.get("{kyc}:submitted:1dea").await.unwrap();
            assert_eq!(named, format!("{id} d19e57"), "{what}");
        }
    };
    let of = if index.is_empty() { "plain" } else { "keyed" };
    stage
        .at_each_stop(("submit", of), &submit(FIRST, index), then)
        .await;
}

/// Two rows of a batch, one of which is refused.
async fn is_submitted_as_row(stage: &mut Stage) {
    let rows = |id: &str| {
        let mut arguments = words(&["b47c4", "inbox", MANY, MANY, "test"]);
        arguments.extend(words(&[
            "1", "2", id, "", "d19e57", "{}", "record", "sealed",
        ]));
        arguments.extend(words(&["2", "3", "", "", "", "[]", "", ""]));
        arguments
    };
    let then = async |stage: &mut Stage, what: &str| {
        // The file is sent again, and each try makes ids of its own.
        let answer = stage.done("submit_rows", &rows(OTHER)).await;
        let answers: Vec<(String, String)> = redis::from_redis_value(answer).unwrap();
        assert_eq!(answers[1].0, "refused", "{what}");
        let id = &answers[0].1;
        let key = format!("{{kyc}}:submission:{id}");
        let entry: String = stage.raw.hget(&key, "entry").await.unwrap();
        let there: redis::streams::StreamRangeReply = stage
            .raw
            .xrange("{kyc}:inbox", &entry, &entry)
            .await
            .unwrap();
        assert_eq!(there.ids.len(), 1, "{what}: {id} has no entry");
        let kept: (String, String) = stage
            .raw
            .hmget("{kyc}:submitted-rows:b47c4", &["1", "2"])
            .await
            .unwrap();
        assert_eq!(
            kept,
            (format!("2 {id} d19e57"), "3 []".to_owned()),
            "{what}"
        );
        // A third try changes nothing.
        let before: usize = stage.raw.xlen("{kyc}:inbox").await.unwrap();
        stage.done("submit_rows", &rows(FIRST)).await;
        let after: usize = stage.raw.xlen("{kyc}:inbox").await.unwrap();
        assert_eq!(after, before, "{what}");
    };
    stage
        .at_each_stop(("submit_rows", "two"), &rows(FIRST), then)
        .await;
}

async fn is_withdrawn(stage: &mut Stage) {
    submitted(stage).await;
    let withdraw = words(&[FIRST, MANY]);
    let then = async |stage: &mut Stage, what: &str| {
        let cancelled: bool = stage.raw.hexists(SUBMISSION, "cancelled").await.unwrap();
        assert!(
            cancelled || inbox(stage).await.0 == 1,
            "{what}: the job is lost"
        );
        stage.done("withdraw", &withdraw).await;
        let cancelled: bool = stage.raw.hexists(SUBMISSION, "cancelled").await.unwrap();
        let (left, _, _) = inbox(stage).await;
        assert!(cancelled && left == 0, "{what}, run again");
    };
    stage
        .at_each_stop(("withdraw", "a job"), &withdraw, then)
        .await;
}

/// The job is accepted, or is an earlier one by its idempotency key.
async fn is_accepted(stage: &mut Stage, is_known: bool) {
    let fingerprint: String = stage.raw.get("{kyc}:index-id").await.unwrap();
    let job = Job {
        kind: "nin",
        header: &serde_json::json!({}),
        is_keyed: is_known,
        from_inbox: true,
    };
    if is_known {
        let earlier = Job {
            from_inbox: false,
            ..job
        };
        stage
            .done("enqueue", &earlier.arguments(&fingerprint, OTHER, ""))
            .await;
    }
    let entry = submitted(stage).await;
    let mut arguments = job.arguments(&fingerprint, FIRST, &entry);
    "1".clone_into(&mut arguments[2]);
    let then = async |stage: &mut Stage, what: &str| {
        stage.done("enqueue", &arguments).await;
        let what = format!("{what}, run again, known {is_known}");
        assert_eq!(inbox(stage).await.0, 0, "{what}");
        let counts = (exist(stage, &[FIRST]).await, exist(stage, &[OTHER]).await);
        assert_eq!(
            counts,
            (usize::from(!is_known), usize::from(is_known)),
            "{what}"
        );
        let first: Option<String> = stage.raw.hget(SUBMISSION, "existing").await.unwrap();
        assert_eq!(first.as_deref(), is_known.then_some(OTHER), "{what}");
        let left: bool = stage.raw.exists(SUBMISSION).await.unwrap();
        assert_eq!(left, is_known, "{what}");
    };
    stage
        .at_each_stop(("enqueue", "submitted"), &arguments, then)
        .await;
}

async fn is_refused(stage: &mut Stage) {
    let entry = submitted(stage).await;
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
        FIRST,
        MANY,
    ]);
    let then = async |stage: &mut Stage, what: &str| {
        stage.done("reject", &arguments).await;
        assert_eq!(inbox(stage).await.0, 0, "{what}, run again");
        let why: String = stage.raw.hget(SUBMISSION, "refused").await.unwrap();
        assert_eq!(why, "kind is missing", "{what}");
    };
    stage
        .at_each_stop(("reject", "submitted"), &arguments, then)
        .await;
    // Whoever can add entries cannot end another's job.
    let mut other = arguments.clone();
    "9-9".clone_into(&mut other[1]);
    stage.done("reject", &other).await;
    let refused: bool = stage.raw.hexists(SUBMISSION, "refused").await.unwrap();
    assert!(!refused);
}
