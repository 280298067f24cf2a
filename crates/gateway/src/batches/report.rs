//! What became of the rows of a file, as the answer to an upload tells it.

use kyc_domain::{Refusal, Refusals, VerificationId};
use serde::Serialize;
use utoipa::ToSchema;

/// The most faults that an answer lists.
const MOST_ERRORS: usize = 1000;

/// A fault of a row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RowError {
    /// The line of the file on which the row begins, counted from 1.
    pub(super) line: usize,
    /// The field, as a job has it: `claims.date_of_birth`; `job` for the whole row.
    pub(super) field: String,
    /// What is wrong, without the value.
    pub(super) problem: String,
    /// How to correct it.
    pub(super) remedy: String,
}

/// The faults of a file. Their number is bounded, and those left out are counted.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Errors {
    /// Rows that are refused.
    pub(super) refused: u64,
    /// Their faults, in the order of the lines; at most 1,000.
    pub(super) errors: Vec<RowError>,
    /// Faults that are not listed. After an upload, the results of the batch have them all.
    pub(super) errors_left_out: u64,
}

impl Errors {
    pub(super) fn refuse(&mut self, line: usize, refusals: &Refusals) {
        self.refused += 1;
        for refusal in refusals.iter() {
            self.add(RowError::of(line, refusal));
        }
    }

    fn add(&mut self, error: RowError) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(error);
        } else {
            self.errors_left_out += 1;
        }
    }
}

impl RowError {
    pub(super) fn of(line: usize, refusal: &Refusal) -> Self {
        Self {
            line,
            field: refusal.field.clone(),
            problem: refusal.problem.clone(),
            remedy: refusal.remedy.clone(),
        }
    }
}

/// A row whose own idempotency key has another job.
pub(super) fn taken(id: VerificationId) -> Refusals {
    Refusals::one(
        "idempotency_key",
        &format!("was used for another job ({id})"),
        "use a new key for a new job, or send the same job",
    )
}

/// What an upload did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "rows": 3, "submitted": 1, "existing": 1, "refused": 1, "errors": [{
        "line": 4, "field": "bvn", "problem": "has 10 digits instead of 11", "remedy": "write the 11 digits of the BVN in quotation marks"
    }], "errors_left_out": 0
}))]
pub(crate) struct Uploaded {
    /// The id of the batch.
    pub(super) id: String,
    /// Rows of the file. Blank lines are none.
    pub(super) rows: u64,
    /// Rows that were submitted now.
    pub(super) submitted: u64,
    /// Rows that had been submitted before.
    pub(super) existing: u64,
    #[serde(flatten)]
    pub(super) refused: Errors,
}

/// What an upload would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "rows": 4, "valid": 3, "duplicates": 1, "reusable": 0, "calls": 2, "done_by": "2026-01-20T09:30:00Z", "refused": 1, "errors": [{
        "line": 4, "field": "bvn", "problem": "has 10 digits instead of 11", "remedy": "write the 11 digits of the BVN in quotation marks"
    }], "errors_left_out": 0
}))]
pub(crate) struct DryRun {
    /// Rows of the file. Blank lines are none.
    pub(super) rows: u64,
    /// Rows that would be submitted.
    pub(super) valid: u64,
    /// Valid rows that ask the provider for the same as an earlier row.
    pub(super) duplicates: u64,
    /// Valid rows for which an answer is there that would be reused; `null` on a server without keys, which cannot know.
    pub(super) reusable: Option<u64>,
    /// The calls to the provider that the file would cost, if each succeeds at once.
    pub(super) calls: u64,
    /// When the last of them would be sent at the present limits; `null` if that cannot be computed, such as while a kind is paused.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) done_by: Option<jiff::Timestamp>,
    #[serde(flatten)]
    pub(super) refused: Errors,
}
