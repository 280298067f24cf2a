//! `POST /v1/batches`: takes a file of jobs.

use std::collections::HashMap;

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kyc_batch::Row;
use kyc_domain::{Refusals, Request, Sensitive};
use kyc_queue::{JobBatch, Role, SubmitRow, SubmittedRow};
use kyc_vault::sha256;
use zeroize::Zeroizing;

use super::{
    body::{Rows, empty, format},
    dry_run,
    params::How,
    report::{DryRun, Errors, Uploaded, taken},
};
use crate::{
    Gateway,
    caller::Caller,
    extract::Params,
    problem::{Kind, Problem},
    verifications::{idempotency_key, of_tenant},
};

/// Rows that are submitted together.
const AT_ONCE: usize = 100;

/// Sends a file of jobs
///
/// A table (CSV) or a JSON object in each line, with up to 100,000 rows and 256 MiB. Each row is submitted or refused by itself. An upload that
/// breaks off is sent again with the same `Idempotency-Key`: rows that were submitted before keep their jobs, also when others have been
/// corrected, added or removed. With `dry_run=true` nothing is submitted, and no `Idempotency-Key` is needed.
#[utoipa::path(
    post, path = "/v1/batches", operation_id = "send_batch", tag = "batches",
    params(How, ("Idempotency-Key" = Option<String>, Header, description = "your own name of this file: 1 to 200 characters. Equal rows of files with one name are the same row")),
    request_body(content((String = "text/csv", example = "bvn,first_name,last_name,reference\n22212345061,Ada,Okafor,loan-1\n"), (String = "application/x-ndjson", example = "{\"kind\": \"bvn\", \"bvn\": \"22212345061\"}\n"))),
    responses(
        (status = 200, description = "what the file would do, with `dry_run=true`", body = DryRun),
        (status = 202, description = "the rows that are not refused were taken", body = Uploaded, headers(("Location" = String, description = "the address of the batch"))),
        (status = 409, description = "`urn:kyc:problem:wrong-state`: the batch is cancelled"),
    ),
)]
pub(crate) async fn upload(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(how): Params<How>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let tenant = caller.tenant(&[Role::Submit])?;
    let rows = Rows::new(format(&headers)?, how.defaults()?, gateway.rules(), body);
    let (name, key) = (how.name()?, idempotency_key(&headers)?);
    if how.is_dry_run()? {
        return Ok(Json(dry_run::run(&gateway, tenant, rows).await?).into_response());
    }
    let key = key.ok_or_else(|| {
        Problem::new(
            Kind::INVALID_REQUEST,
            "the header Idempotency-Key is missing",
            "name the file in it, so that it can be sent again if it breaks off: Idempotency-Key: loans-2026-01-31",
        )
    })?;
    let index_key = caller.index_key();
    let batch = gateway
        .queue()
        .open_batch((tenant, key), name, &index_key)
        .await?;
    let mut upload = Upload {
        gateway: &gateway,
        caller: &caller,
        key,
        batch,
        pending: Vec::with_capacity(AT_ONCE),
        report: Report::default(),
        said: HashMap::new(),
    };
    let taken = upload.take(rows).await;
    let Upload { batch, report, .. } = upload;
    gateway.counted().forget(batch.id);
    let rows = taken.map_err(|problem| report.so_far(problem))?;
    let mut response = (StatusCode::ACCEPTED, Json(report.uploaded(&batch, rows))).into_response();
    let location = format!("/v1/batches/{}", batch.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A row that waits to be submitted with others.
struct Pending {
    row: u64,
    line: usize,
    job: Result<Request, Refusals>,
    is_keyed: bool,
}

struct Upload<'a> {
    gateway: &'a Gateway,
    caller: &'a Caller,
    key: &'a str,
    batch: JobBatch,
    pending: Vec<Pending>,
    report: Report,
    /// How often each row without an idempotency key was there so far, by its digest.
    said: HashMap<[u8; 32], u32>,
}

#[derive(Default)]
struct Report {
    submitted: u64,
    existing: u64,
    errors: Errors,
}

impl Upload<'_> {
    /// Submits all rows. Returns how many there are.
    async fn take(&mut self, mut rows: Rows) -> Result<u64, Problem> {
        loop {
            let row = match rows.next().await {
                Ok(row) => row,
                Err(problem) => {
                    // What was read before is whole, and need not be sent again.
                    self.submit().await?;
                    return Err(problem);
                }
            };
            let Some(row) = row else { break };
            self.add(rows.count, row);
            if self.pending.len() == AT_ONCE {
                self.submit().await?;
            }
        }
        self.submit().await?;
        if rows.count == 0 {
            return Err(empty());
        }
        self.gateway
            .queue()
            .complete_batch(&self.batch, rows.count)
            .await?;
        Ok(rows.count)
    }

    fn add(&mut self, number: u64, row: Row) {
        let mut is_keyed = true;
        let job = row.job.and_then(|mut request| {
            of_tenant(&mut request, &self.batch.tenant)?;
            if request.terms.idempotency_key.is_none() {
                is_keyed = false;
                request.terms.idempotency_key = Some(Sensitive::new(self.key_of(&request)));
            }
            Ok(request)
        });
        self.pending.push(Pending {
            row: number,
            line: row.line,
            job,
            is_keyed,
        });
    }

    /// Returns the idempotency key of a row without one: the name of the file, what the row says, and how often it said that before. So a
    /// worker recognises a row that comes twice, wherever in the file it stands, and with whichever API key of the tenant.
    fn key_of(&mut self, request: &Request) -> String {
        let body = request.to_json();
        let said = Zeroizing::new([self.key.as_bytes(), b"\n", body.as_bytes()].concat());
        let digest = sha256(&said);
        let times = self.said.entry(digest).or_default();
        *times += 1;
        format!("batch {} {times}", hex::encode(digest))
    }

    async fn submit(&mut self) -> Result<(), Problem> {
        let mut pending = std::mem::take(&mut self.pending);
        let answers = self.send(&pending).await?;
        let mut refused = Vec::new();
        for (mut row, answer) in pending.drain(..).zip(answers) {
            match answer {
                SubmittedRow::New(_) => self.report.submitted += 1,
                SubmittedRow::Existing(_) => self.report.existing += 1,
                SubmittedRow::Cancelled => return Err(cancelled()),
                SubmittedRow::Refused => {
                    if let Err(refusals) = &row.job {
                        self.report.errors.refuse(row.line, refusals);
                    }
                }
                SubmittedRow::Taken(id) => {
                    let refusals = taken(id);
                    self.report.errors.refuse(row.line, &refusals);
                    row.job = Err(refusals);
                    refused.push(row);
                }
            }
        }
        // So that the results have them as well.
        self.send(&refused).await?;
        pending.clear();
        self.pending = pending;
        Ok(())
    }

    async fn send(&self, pending: &[Pending]) -> Result<Vec<SubmittedRow>, Problem> {
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        let rows = pending.iter().map(|pending| SubmitRow {
            row: pending.row,
            line: pending.line,
            job: pending.job.as_ref(),
            is_keyed: pending.is_keyed,
        });
        let rows: Vec<SubmitRow<'_>> = rows.collect();
        let index_key = self.caller.index_key();
        Ok(self
            .gateway
            .queue()
            .submit_rows(&self.batch, &rows, &index_key)
            .await?)
    }
}

impl Report {
    fn uploaded(self, batch: &JobBatch, rows: u64) -> Uploaded {
        Uploaded {
            id: batch.id.to_string(),
            rows,
            submitted: self.submitted,
            existing: self.existing,
            refused: self.errors,
        }
    }

    /// Adds to a problem what was submitted before it.
    fn so_far(&self, problem: Problem) -> Problem {
        let taken = self.submitted + self.existing;
        if taken == 0 {
            return problem;
        }
        Problem {
            detail: format!(
                "{}; {taken} rows were submitted before that",
                problem.detail
            )
            .into(),
            ..problem
        }
    }
}

fn cancelled() -> Problem {
    Problem::new(
        Kind::WRONG_STATE,
        "the batch is cancelled",
        "send the file under another Idempotency-Key to verify its rows after all",
    )
}
