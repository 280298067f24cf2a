//! A bulk operation as the API shows it.

use jiff::Timestamp;
use kyc_queue::{BulkOperation, BulkState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// One thing that is done to many verifications.
#[derive(Serialize, ToSchema)]
#[schema(as = Operation, example = json!({
    "id": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "state": "counted", "request": { "action": "retry", "state": "dead", "code": "http_500" },
    "jobs": 1200, "groups": [{ "kind": "bvn", "code": "http_500", "jobs": 1200 }], "sample": ["01J9ZQ3V5T8Y6K2M4N7P0R1S2V"],
    "token": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T.…", "done": 0, "skipped": 0, "failed": 0, "left": 1200, "expires_at": "2026-01-31T14:30:00Z",
}))]
pub(crate) struct View {
    /// Its id.
    id: String,
    /// `counting`, `counted`, `running` or `done`.
    state: &'static str,
    /// The action and the filters.
    request: Value,
    /// How many verifications were counted so far.
    jobs: u64,
    /// How many there are of each kind and code.
    groups: Vec<Group>,
    /// The ids of some.
    sample: Vec<String>,
    /// With it, the same request does it. It is shown once, when counting ends, and expires at `expires_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// To how many it was done.
    done: u64,
    /// How many had moved since they were counted, and were left alone. If a request broke off, up to 50 verifications to
    /// which it was done are among them.
    skipped: u64,
    /// To how many it could not be done: their images could not be deleted. They are as they were.
    failed: u64,
    /// How many are not handled yet.
    left: u64,
    /// When the operation is forgotten.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Verifications of a kind with a code.
#[derive(Serialize, ToSchema)]
#[schema(as = OperationGroup)]
struct Group {
    kind: String,
    /// The code of their last failure; missing if none failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    jobs: u64,
}

impl View {
    pub(super) fn of(operation: BulkOperation, token: Option<Zeroizing<String>>) -> Self {
        let BulkOperation {
            id,
            about,
            state,
            counted,
            handled,
            expires_at,
            ..
        } = operation;
        let groups = counted.groups.into_iter().map(|(name, jobs)| {
            let (kind, code) = name.split_once(' ').unwrap_or((&name, ""));
            Group {
                kind: kind.to_owned(),
                code: Some(code.to_owned()).filter(|code| !code.is_empty()),
                jobs,
            }
        });
        let left = match state {
            BulkState::Done => 0,
            _ => counted.jobs.saturating_sub(handled.all()),
        };
        Self {
            id: id.to_string(),
            state: state.as_str(),
            request: serde_json::from_str(&about).unwrap_or_default(),
            jobs: counted.jobs,
            groups: groups.collect(),
            sample: counted.sample,
            token: token.map(|token| token.to_string()),
            done: handled.done,
            skipped: handled.skipped,
            failed: handled.failed,
            left,
            expires_at,
        }
    }
}
