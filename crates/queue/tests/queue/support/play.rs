//! Jobs in chosen states, and the arguments with which scripts are called on them.

use std::time::Duration;

use kyc_queue::{Config, Reuse};
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use super::{Act, Case, Stage, request, words};

pub(crate) const SESSION: &str = "one~1";
pub(crate) const DAY_MS: &str = "86400000";
pub(crate) const MANY: &str = "1000";

/// Jobs in the ready queue, and leases for some of them.
pub(crate) struct Play {
    case: Case,
    pub(crate) stage: Stage,
    pub(crate) ids: Vec<String>,
}

impl Play {
    pub(crate) async fn start() -> Self {
        let reuse = |config: &mut Config| {
            config.reuse = Reuse::default().with("bvn", None, Duration::from_secs(3600));
        };
        let case = Case::with(reuse, Options::default()).await;
        let stage = Stage::new(case.raw().await);
        Self {
            case,
            stage,
            ids: Vec::new(),
        }
    }

    /// Begins anew with these jobs: each kind with the numbers of its jobs.
    pub(crate) async fn with(&mut self, jobs: &[(&str, usize, Value)]) {
        let raw = &mut self.stage.raw;
        let all: Vec<String> = raw.keys("{kyc}:*").await.unwrap();
        let index = |key: &String| !key.ends_with(":index-key") && !key.ends_with(":index-id");
        for key in all.iter().filter(|key| index(key)) {
            raw.del::<_, ()>(key).await.unwrap();
        }
        self.ids.clear();
        for (kind, nth, more) in jobs {
            let accepted = self.case.enqueue(&request(kind, *nth, more.clone())).await;
            self.ids.push(accepted.id.to_string());
        }
    }

    /// Leases every job that is ready.
    pub(crate) async fn lease(&mut self) {
        self.stage.done("lease", &lease(SESSION, 1, DAY_MS)).await;
    }

    /// Lets the workers be dead.
    pub(crate) async fn bury(&mut self, session: &str) {
        let dead: Result<(), _> = self.stage.raw.zadd("{kyc}:workers", session, 1).await;
        dead.unwrap();
    }

    pub(crate) async fn act(&mut self, of: (&'static str, &'static str), arguments: Vec<String>) {
        let act = Act::new(of, arguments, &self.ids);
        self.stage.stop_everywhere(&act).await;
    }

    pub(crate) async fn act_again_at(
        &mut self,
        place: usize,
        of: (&'static str, &'static str),
        arguments: Vec<String>,
    ) {
        let act = Act::new(of, arguments, &self.ids).again_at(place);
        self.stage.stop_everywhere(&act).await;
    }

    pub(crate) async fn coalescing_key(&mut self, nth: usize) -> String {
        let key = format!("{{kyc}}:job:{}", self.ids[nth]);
        let header: String = self.stage.raw.hget(key, "header").await.unwrap();
        let header: Value = serde_json::from_str(&header).unwrap();
        header["coalescing"]["index"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn lease(session: &str, batch: u64, lease_ms: &str) -> Vec<String> {
    let batch = batch.to_string();
    words(&[
        session, &batch, "1", "8", lease_ms, "3", "0", DAY_MS, MANY, "250000", "0", "", "bvn",
        "nin",
    ])
}

fn progress(state: &str) -> String {
    let attempt = json!([{"at": 1, "attempt": 1}]);
    let mut progress =
        json!({"attempts": 1, "calls": 1, "unanswered": 0, "stalls": 0, "history": attempt});
    progress["by"] = format!("{SESSION} 1").into();
    if !state.is_empty() {
        progress["state"] = state.into();
    }
    progress.to_string()
}

/// Completions of nin, or of leaders of bvn where there are coalescing keys.
pub(crate) fn complete(ids: &[String], kind: &str, keys: &[String]) -> Vec<String> {
    let count = ids.len().to_string();
    let mut all = words(&[SESSION, DAY_MS, MANY, "0", ""]);
    all.extend(words(&[
        &*count,
        "1",
        kind,
        "completed",
        "1",
        "0",
        "1",
        "1",
    ]));
    for (nth, id) in ids.iter().enumerate() {
        let result = json!({"id": id, "kind": kind, "state": "completed"}).to_string();
        let more = keys
            .get(nth)
            .map_or(String::new(), |key| format!("- 0 {key} 3600000 0 0"));
        all.extend(words(&[
            id,
            "default",
            &result,
            "mac",
            "sealed",
            &progress("completed"),
            "",
            &more,
        ]));
    }
    all
}

pub(crate) fn settle(id: &str, verb: &str, class: &str, code: &str, failures: &str) -> Vec<String> {
    let state = if verb == "dead" { "dead" } else { "" };
    words(&[
        SESSION,
        "1",
        id,
        verb,
        &progress(state),
        "60000",
        code,
        class,
        "1",
        DAY_MS,
        MANY,
        "1",
        "0",
        "0",
        failures,
        "5000",
        "1000",
        "300000",
        "0",
        code,
        "0",
        if verb == "keep" { "sealed" } else { "" },
        "",
        "0",
        "bvn",
        "nin",
    ])
}
pub(crate) const SETTLE_AGAIN: usize = 23;
