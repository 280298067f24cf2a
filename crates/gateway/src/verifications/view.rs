//! A verification as the API shows it.

use jiff::Timestamp;
use kyc_queue::{Attempt, Submission, Submitted, Verification, Waiting};
use serde::Serialize;
use utoipa::ToSchema;

use super::outcome::{OutcomeView, Revealed};

/// A verification.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Verification, example = json!({
    "id": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "state": "completed", "kind": "bvn", "tenant": "acme", "reference": "loan-1",
    "number": "********061", "priority": "normal", "submitted_at": "2026-01-20T09:30:00Z", "verdict": "match",
    "finished_at": "2026-01-20T09:30:01Z", "attempts": 1, "calls": 1, "unanswered_calls": 0, "history": []
}))]
pub(crate) struct View {
    /// Its id: 26 letters and digits.
    id: String,
    /// `waiting`, `running`, or how it ended: `completed`, `dead`, `cancelled`, `refused`.
    #[schema(value_type = StateName)]
    state: &'static str,
    /// What is verified, and how, such as `bvn`.
    kind: String,
    /// Its tenant.
    tenant: String,
    /// Your own id.
    #[serde(skip_serializing_if = "String::is_empty")]
    reference: String,
    /// The number, masked.
    number: String,
    /// `high`, `normal` or `low`.
    priority: String,
    /// When it was submitted or accepted.
    #[schema(value_type = String, format = DateTime)]
    submitted_at: Timestamp,
    /// Why it waits, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitingView>,
    /// `match`, `partial_match`, `no_match`, `found`, `not_found` or `rejected`; of completed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    /// Why it is dead, or why its last attempt failed: a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The same in a sentence for people. For a refused one: all faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// The deadline that it was submitted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    deadline: Option<Timestamp>,
    /// Attempts so far.
    attempts: u32,
    /// Calls to the provider in all attempts.
    calls: u32,
    /// Calls that may have been billed without an answer.
    unanswered_calls: u32,
    /// Its attempts, the oldest first.
    history: Vec<AttemptView>,
    /// What came out, where this server has keys. `null` or absent otherwise.
    #[serde(flatten)]
    outcome: Option<OutcomeView>,
    /// Personal data, for API keys with the role `reveal` alone.
    #[serde(flatten)]
    revealed: Option<Revealed>,
}

/// The state of a verification.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "names the states in the document of the API")]
enum StateName {
    Waiting,
    Running,
    Completed,
    Dead,
    Cancelled,
    Refused,
}

/// Why a verification waits, and until when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Waiting)]
pub(crate) struct WaitingView {
    /// A stable code: `inbox` until a worker accepts it; `not_before`, `retry`, `isolated` for a time; `rate`, `daily_quota`, `in_flight`
    /// for a limit; `paused`, `circuit_open`, `retry_after`, `throttled`, `key_refused`, `wallet_empty` while its kind is closed;
    /// `probing`, `ready` if only other jobs are ahead; `coalesced`, `cached`, `reread`, `blob_store`, `may_be_billed`.
    why: String,
    /// The kind, or `account`, whose limit or pause it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The verification whose answer it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    leader: Option<String>,
    /// Until when this applies, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// How many of its kind are sent before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead: Option<u64>,
    /// When it will be sent if nothing else intervenes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expected_at: Option<Timestamp>,
}

/// One attempt.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct AttemptView {
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Its number, from 1.
    attempt: u32,
    /// How it ended: `completed`, `reused`, or the class of a failure.
    class: String,
    /// The code of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The HTTP status of the provider's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
}

impl View {
    /// A verification that a worker has accepted. Personal data are shown only if `reveals`.
    pub(crate) fn of(known: Verification, reveals: bool) -> Self {
        let outcome = known.outcome;
        Self {
            id: known.id.to_string(),
            state: known.state.as_str(),
            kind: known.kind,
            tenant: known.tenant,
            reference: known.reference,
            number: known.number,
            priority: known.priority,
            submitted_at: known.enqueued_at,
            waiting: known.waiting.map(WaitingView::of),
            verdict: known.verdict,
            code: known.code,
            sentence: known.sentence,
            finished_at: known.finished_at,
            deadline: known.deadline,
            attempts: known.attempts,
            calls: known.calls,
            unanswered_calls: known.unanswered_calls,
            history: known.history.into_iter().map(AttemptView::of).collect(),
            revealed: outcome.as_ref().filter(|_| reveals).map(Revealed::of),
            outcome: outcome.map(|outcome| OutcomeView::of(outcome, reveals)),
        }
    }

    /// A verification that no worker has accepted yet, or never will.
    pub(crate) fn of_submission(known: Submission) -> Self {
        let (state, sentence, finished_at) = match known.state {
            Submitted::Waiting | Submitted::Existing(_) => ("waiting", None, None),
            Submitted::Cancelled(at) => ("cancelled", None, Some(at)),
            Submitted::Refused(why) => ("refused", Some(why), None),
        };
        let waiting = (state == "waiting").then(|| WaitingView {
            why: "inbox".to_owned(),
            scope: None,
            leader: None,
            until: None,
            ahead: None,
            expected_at: None,
        });
        Self {
            id: known.id.to_string(),
            state,
            kind: known.about.kind,
            tenant: known.about.tenant,
            reference: known.about.reference,
            number: known.about.number,
            priority: known.about.priority,
            submitted_at: known.at,
            waiting,
            verdict: None,
            code: None,
            sentence,
            finished_at,
            deadline: None,
            attempts: 0,
            calls: 0,
            unanswered_calls: 0,
            history: Vec::new(),
            outcome: None,
            revealed: None,
        }
    }

    /// Returns whether nothing more will happen to it by itself.
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(self.state, "waiting" | "running")
    }
}

impl WaitingView {
    fn of(waiting: Waiting) -> Self {
        Self {
            why: waiting.why,
            scope: waiting.scope,
            leader: waiting.leader.map(|id| id.to_string()),
            until: waiting.until,
            ahead: waiting.ahead,
            expected_at: waiting.expected_at,
        }
    }
}

impl AttemptView {
    fn of(attempt: Attempt) -> Self {
        Self {
            at: Timestamp::from_millisecond(attempt.at).unwrap_or_default(),
            attempt: attempt.attempt,
            class: attempt.class,
            code: attempt.code,
            status: attempt.status,
            ms: attempt.ms,
        }
    }
}
