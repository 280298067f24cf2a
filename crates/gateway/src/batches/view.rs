//! A batch as the API shows it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kyc_queue::{JobBatch, RowState};
use serde::Serialize;
use utoipa::ToSchema;

use super::count::{Counts, LastRow};

/// A batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Batch, example = json!({
    "id": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "name": "loans.csv", "state": "running", "created_at": "2026-01-20T09:30:00Z", "rows": 4,
    "waiting": 1, "completed": 2, "dead": 0, "cancelled": 0, "refused": 1, "deleted": 0, "verdicts": { "match": 2 }, "codes": {},
    "expected_end": "2026-01-20T09:31:00Z", "waits": [{ "kind": "bvn", "rows": 1, "why": "rate", "expected_at": "2026-01-20T09:31:00Z" }]
}))]
pub(crate) struct View {
    #[serde(flatten)]
    summary: Summary,
    /// Rows that have not ended.
    waiting: u64,
    /// Rows that ended with an outcome.
    completed: u64,
    /// Rows that ended without one.
    dead: u64,
    /// Rows that were cancelled.
    cancelled: u64,
    /// Rows that are no jobs.
    refused: u64,
    /// Rows whose verifications have ended and are not kept any more.
    deleted: u64,
    /// Completed rows by verdict.
    verdicts: BTreeMap<String, u64>,
    /// Dead rows by code.
    codes: BTreeMap<String, u64>,
    /// When the last row would be sent if nothing else intervenes; `null` at the end, and if that cannot be computed.
    #[schema(value_type = Option<String>, format = DateTime)]
    expected_end: Option<Timestamp>,
    /// For each kind of which rows wait: how many, and why the last of them waits.
    waits: Vec<WaitsView>,
}

/// A batch, without its rows.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BatchSummary)]
pub(crate) struct Summary {
    /// Its id: 26 letters and digits.
    id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    /// `uploading` until its last row was sent, `running`, `ended`, or `cancelled`. In lists `running` stands for `ended` as well.
    #[schema(value_type = BatchState)]
    state: &'static str,
    /// When its first row was sent.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its rows. Blank lines are none.
    rows: u64,
}

/// The state of a batch.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "names the states in the document of the API")]
enum BatchState {
    Uploading,
    Running,
    Ended,
    Cancelled,
}

/// Why the last row of a kind waits, and until when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BatchWaits)]
pub(crate) struct WaitsView {
    /// The kind.
    kind: String,
    /// Rows of the kind that wait or run.
    rows: u64,
    /// A stable code, as of a verification; `running` for a call that is under way.
    why: String,
    /// Until when this applies, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// When the last row will be sent if nothing else intervenes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expected_at: Option<Timestamp>,
}

impl Summary {
    pub(super) fn of(batch: JobBatch) -> Self {
        let state = match batch {
            JobBatch {
                cancelled_at: Some(_),
                ..
            } => "cancelled",
            JobBatch {
                complete: false, ..
            } => "uploading",
            _ => "running",
        };
        Self {
            id: batch.id.to_string(),
            name: batch.name,
            state,
            created_at: batch.at,
            rows: batch.rows,
        }
    }
}

impl View {
    pub(super) fn of(batch: JobBatch, counts: &Counts) -> Self {
        let mut summary = Summary::of(batch);
        let waiting = counts.of(RowState::Waiting);
        if summary.state == "running" && waiting == 0 {
            summary.state = "ended";
        }
        let waits: Vec<WaitsView> = counts.waiting.iter().map(WaitsView::of).collect();
        let ends = waits.iter().map(|waits| waits.expected_at);
        let expected_end = ends
            .collect::<Option<Vec<_>>>()
            .and_then(|ends| ends.into_iter().max());
        Self {
            summary,
            waiting,
            completed: counts.of(RowState::Completed),
            dead: counts.of(RowState::Dead),
            cancelled: counts.of(RowState::Cancelled),
            refused: counts.refused + counts.of(RowState::Refused),
            deleted: counts.of(RowState::Deleted),
            verdicts: counts.verdicts.clone(),
            codes: counts.codes.clone(),
            expected_end,
            waits,
        }
    }
}

impl WaitsView {
    fn of(last: &LastRow) -> Self {
        let waiting = last.waiting.as_ref();
        Self {
            kind: last.kind.clone(),
            rows: last.rows,
            why: match waiting {
                Some(waiting) => waiting.why.clone(),
                None if last.is_accepted => "running".to_owned(),
                None => "inbox".to_owned(),
            },
            until: waiting.and_then(|waiting| waiting.until),
            expected_at: waiting.and_then(|waiting| waiting.expected_at),
        }
    }
}
