//! `GET /v1/batches/{id}/results.csv` and `.ndjson`: what became of each row, in the order of the file.

use std::io;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use kyc_domain::Refusal;
use kyc_queue::{BatchRow, JobBatch, RowOf};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    find::{find, reader},
    report::RowError,
};
use crate::{Gateway, caller::Caller, extract::Segment, problem::Problem};

/// Rows that are read together.
const AT_ONCE: u64 = 200;

/// What became of a row. Numbers are masked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub(crate) struct ResultRow {
    /// Its line in the file, counted from 1.
    line: usize,
    /// Your own id.
    reference: String,
    /// What was verified, and how.
    kind: String,
    /// The number, masked.
    number: String,
    /// The id of the verification; empty if the row was refused when it was sent.
    verification: String,
    /// `waiting`, `completed`, `dead`, `cancelled`, `refused`, or `deleted` once its verification is not kept any more.
    state: &'static str,
    /// The verdict, of completed ones.
    verdict: String,
    /// Why it is dead, or why its last attempt failed: a stable code.
    code: String,
    /// The same in a sentence. For a refused one: all faults.
    sentence: String,
    /// When it ended, in UTC.
    finished_at: String,
    /// For a row that was refused when it was sent: each fault. Not in tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RowError>,
}

/// The columns of a table.
const COLUMNS: [&str; 10] = [
    "line",
    "reference",
    "kind",
    "number",
    "verification",
    "state",
    "verdict",
    "code",
    "sentence",
    "finished_at",
];

/// Writes results as a table
///
/// A row for each row of the file, in its order. A cell that a spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(
    get, path = "/v1/batches/{id}/results.csv", operation_id = "batch_results_csv", tag = "batches",
    params(("id" = String, Path, description = "the id of the batch")),
    responses(
        (status = 200, description = "the results", body = String, content_type = "text/csv"),
    ),
)]
pub(crate) async fn csv(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let batch = find(&gateway, reader(&caller)?, &id).await?;
    Ok(results(gateway, batch, &TABLE))
}

/// Writes results as lines of JSON
///
/// A row for each row of the file, in its order.
#[utoipa::path(
    get, path = "/v1/batches/{id}/results.ndjson", operation_id = "batch_results_ndjson", tag = "batches",
    params(("id" = String, Path, description = "the id of the batch")),
    responses(
        (status = 200, description = "the results", body = ResultRow, content_type = "application/x-ndjson"),
    ),
)]
pub(crate) async fn ndjson(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let batch = find(&gateway, reader(&caller)?, &id).await?;
    Ok(results(gateway, batch, &LINES))
}

/// A format of results.
struct Written {
    media_type: &'static str,
    extension: &'static str,
    header: fn() -> Vec<u8>,
    rows: fn(&[ResultRow]) -> io::Result<Vec<u8>>,
}

static TABLE: Written = Written {
    media_type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    header: || format!("{}\r\n", COLUMNS.join(",")).into_bytes(),
    rows: table,
};

static LINES: Written = Written {
    media_type: "application/x-ndjson",
    extension: "ndjson",
    header: Vec::new,
    rows: lines,
};

/// Reads rows while the client takes them, so that memory is bounded. If reading fails, the answer breaks off, and the client notices.
fn results(gateway: Gateway, batch: JobBatch, written: &'static Written) -> Response {
    let name = format!(
        "attachment; filename=\"results-{}.{}\"",
        batch.id, written.extension
    );
    let pages = stream::try_unfold(
        (gateway, batch, 0),
        move |(gateway, batch, from)| async move {
            if from == 0 {
                return Ok(Some(((written.header)(), (gateway, batch, 1))));
            }
            if from > batch.rows {
                return Ok::<_, io::Error>(None);
            }
            let rows = gateway
                .queue()
                .batch_rows(&batch, from, AT_ONCE.min(batch.rows - from + 1))
                .await;
            let rows = rows.map_err(|error| {
                tracing::warn!(%error, "Results of a batch break off");
                io::Error::other("the queue does not answer")
            })?;
            let rows: Vec<ResultRow> = rows.into_iter().map(ResultRow::of).collect();
            Ok(Some((
                (written.rows)(&rows)?,
                (gateway, batch, from + AT_ONCE),
            )))
        },
    );
    let body = Body::from_stream(pages.map_ok(Bytes::from));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(written.media_type),
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn lines(rows: &[ResultRow]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn table(rows: &[ResultRow]) -> io::Result<Vec<u8>> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let line = row.line.to_string();
        let cells: [&str; COLUMNS.len()] = [
            &line,
            &row.reference,
            &row.kind,
            &row.number,
            &row.verification,
            row.state,
            &row.verdict,
            &row.code,
            &row.sentence,
            &row.finished_at,
        ];
        table.write_record(cells.map(inert))?;
    }
    table
        .into_inner()
        .map_err(|error| io::Error::other(error.error().to_string()))
}

/// Returns a cell that no spreadsheet takes for a formula.
fn inert(cell: &str) -> String {
    let is_formula = |part: &str| begins_formula(part.chars().next().unwrap_or('a'));
    // Some spreadsheets separate cells at these, whatever the file says.
    let mut parts = cell.split_inclusive([';', '\t', '|']);
    let mut written = String::with_capacity(cell.len());
    if let Some(first) = parts.next() {
        written.push_str(if is_formula(first) { "'" } else { "" });
        written.push_str(first);
    }
    for part in parts {
        written.push_str(if is_formula(part.trim_start()) {
            "'"
        } else {
            ""
        });
        written.push_str(part);
    }
    written
}

fn begins_formula(begins: char) -> bool {
    matches!(
        begins,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

impl ResultRow {
    fn of(row: BatchRow) -> Self {
        let job = match row.of {
            RowOf::Refused(refusals) => return Self::refused(row.line, &refusals),
            RowOf::Job(job) => *job,
        };
        Self {
            line: row.line,
            reference: job.about.reference,
            kind: job.about.kind,
            number: job.about.number,
            verification: job.id.to_string(),
            state: job.state.as_str(),
            verdict: job.verdict.unwrap_or_default(),
            code: job.code.unwrap_or_default(),
            sentence: job.sentence.unwrap_or_default(),
            finished_at: job.finished_at.map(|at| at.to_string()).unwrap_or_default(),
            errors: Vec::new(),
        }
    }

    fn refused(line: usize, refusals: &[Refusal]) -> Self {
        let all: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        Self {
            line,
            reference: String::new(),
            kind: String::new(),
            number: String::new(),
            verification: String::new(),
            state: "refused",
            verdict: String::new(),
            code: String::new(),
            sentence: all.join("; also: "),
            finished_at: String::new(),
            errors: refusals
                .iter()
                .map(|refusal| RowError::of(line, refusal))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, written) in [
            ("loan-1", "loan-1"),
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("x; =1", "x;' =1"),
            ("a|b;c", "a|b;c"),
            ("＝1", "'＝1"),
            ("*******061", "*******061"),
            ("", ""),
        ] {
            assert_eq!(inert(cell), written);
        }
    }
}
