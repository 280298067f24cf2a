//! Submitting rows of a batch.

use kyc_domain::{Refusals, Request, VerificationId, streams};
use kyc_vault::IndexKey;

use crate::{
    Error, Queue,
    batches::JobBatch,
    enqueue::{
        accept::KEPT,
        submit::{REMEMBERED, SealedJob, submitted_index},
    },
    script::{self, arguments},
    units::millis,
};

/// A row to be submitted.
#[derive(Clone, Copy, Debug)]
pub struct SubmitRow<'a> {
    /// Its number in the batch, from 1.
    pub row: u64,
    /// Its line in the file.
    pub line: usize,
    /// Its job, or why it is refused.
    pub job: Result<&'a Request, &'a Refusals>,
    /// Whether its job has an idempotency key that the caller gave, and not one of the batch.
    pub is_keyed: bool,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmittedRow {
    /// Its job was submitted.
    New(VerificationId),
    /// Its job had been submitted before.
    Existing(VerificationId),
    /// Another job of the caller has its idempotency key.
    Taken(VerificationId),
    /// It is refused.
    Refused,
    /// The batch is cancelled, so nothing was submitted.
    Cancelled,
}

impl Queue {
    /// Submits rows of a batch, with the public key alone. The results are in the order of the rows. After an error, some of them may
    /// have been submitted; it is safe to try again.
    ///
    /// Each job must have an idempotency key of its own, by which a worker recognises a job that was submitted twice. Two rows with the same
    /// job and key are one.
    pub async fn submit_rows(
        &self,
        batch: &JobBatch,
        rows: &[SubmitRow<'_>],
        caller: &IndexKey,
    ) -> Result<Vec<SubmittedRow>, Error> {
        let mut sealed = Vec::with_capacity(rows.len());
        for row in rows {
            sealed.push(match row.job {
                Ok(request) => Some(SealedJob::of(self.vault(), request, caller)?),
                Err(_) => None,
            });
        }
        let public_key = sealed
            .iter()
            .flatten()
            .next()
            .map(|job| job.public_key.clone());
        let answers: Vec<(String, String)> = self
            .run(&script::SUBMIT_ROWS, |call| {
                let submit = arguments::SubmitRows {
                    batch: &batch.id.to_string(),
                    stream: &streams::inbox(&batch.tenant),
                    remember_ms: millis(REMEMBERED),
                    keep_ms: millis(KEPT),
                    public_key: public_key.as_deref().unwrap_or_default(),
                };
                submit.write(call);
                for (row, sealed) in rows.iter().zip(&sealed) {
                    write(row, sealed.as_ref(), caller, call);
                }
            })
            .await?;
        if matches!(&answers[..], [(verb, _)] if verb == "cancelled") {
            return Ok(vec![SubmittedRow::Cancelled; rows.len()]);
        }
        answers.into_iter().map(read).collect()
    }
}

fn write(
    row: &SubmitRow<'_>,
    sealed: Option<&SealedJob>,
    caller: &IndexKey,
    call: &mut redis::ScriptInvocation<'_>,
) {
    let own = row.job.ok().filter(|_| row.is_keyed);
    let index = own.and_then(|request| {
        let key = request.terms.idempotency_key.as_ref()?;
        Some(submitted_index(caller, request, key.expose()))
    });
    let refusals = row
        .job
        .err()
        .map(|refusals| serde_json::to_string(refusals).unwrap_or_default());
    let text = |of: fn(&SealedJob) -> &str| sealed.map_or("", of);
    let bytes = |of: fn(&SealedJob) -> &[u8]| sealed.map_or(&[][..], of);
    let row = arguments::SubmittedRow {
        row: row.row,
        line: row.line,
        id: text(|job| &job.id),
        index: index.as_deref().unwrap_or_default(),
        digest: text(|job| &job.digest),
        about: refusals
            .as_deref()
            .unwrap_or_else(|| text(|job| &job.about)),
        record: bytes(|job| &job.record),
        sealed: bytes(|job| &job.sealed),
    };
    row.write(call);
}

fn read((verb, id): (String, String)) -> Result<SubmittedRow, Error> {
    if verb == "refused" {
        return Ok(SubmittedRow::Refused);
    }
    let id = id
        .parse()
        .map_err(|_| Error::Unreadable { what: "the id", id })?;
    Ok(match verb.as_str() {
        "new" => SubmittedRow::New(id),
        "existing" => SubmittedRow::Existing(id),
        _ => SubmittedRow::Taken(id),
    })
}
