//! The body of an upload: a file of jobs that arrives in pieces, within bounds of time and size.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use kyc_batch::{Defaults, Format, Reader, Row, Unusable};
use kyc_kinds::Rules;
use tokio::time::Instant;

use crate::problem::{FieldError, Kind, Problem};

/// The most bytes of a file.
const MOST_BYTES: u64 = 256 << 20;
/// The most rows of a file.
const MOST_ROWS: u64 = 100_000;
/// The longest pause between two pieces of a file.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How long a whole file may take to arrive.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// A file of jobs, row by row.
pub(super) struct Rows {
    body: Option<Body>,
    reader: Reader,
    bytes: u64,
    /// How many rows were returned.
    pub(super) count: u64,
    end: Instant,
}

impl Rows {
    pub(super) fn new(format: Format, defaults: Defaults, rules: Rules, body: Body) -> Self {
        Self {
            body: Some(body),
            reader: Reader::new(format, defaults, rules),
            bytes: 0,
            count: 0,
            end: Instant::now() + LONGEST,
        }
    }

    /// Returns the next row; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Row>, Problem> {
        loop {
            if let Some(row) = self.reader.next_row().map_err(|fault| unusable(&fault))? {
                self.count += 1;
                if self.count > MOST_ROWS {
                    return Err(too_large("the file has more than 100,000 rows"));
                }
                return Ok(Some(row));
            }
            if self.body.is_none() {
                return Ok(None);
            }
            self.read().await?;
        }
    }

    /// Feeds the reader with the next piece of the file.
    async fn read(&mut self) -> Result<(), Problem> {
        let Some(body) = &mut self.body else {
            return Ok(());
        };
        let piece = tokio::time::timeout(LONGEST_PAUSE, body.frame()).await;
        let piece = piece.map_err(|_| slow("no more of the file arrived within 20 s"))?;
        if Instant::now() > self.end {
            return Err(slow("the file did not arrive within 30 minutes"));
        }
        let Some(piece) = piece else {
            self.body = None;
            self.reader.end();
            return Ok(());
        };
        let piece = piece.map_err(|_| broken_off())?;
        let Ok(bytes) = piece.into_data() else {
            return Ok(()); // trailers
        };
        self.bytes += bytes.len() as u64;
        if self.bytes > MOST_BYTES {
            return Err(too_large("the file is larger than 256 MiB"));
        }
        self.reader.feed(&bytes);
        Ok(())
    }
}

/// Returns the format that the headers name.
pub(super) fn format(headers: &HeaderMap) -> Result<Format, Problem> {
    let unsupported =
        |detail: &str, remedy: &str| Problem::new(Kind::UNSUPPORTED_MEDIA_TYPE, detail, remedy);
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(unsupported(
            "the file is compressed",
            "send it without Content-Encoding",
        ));
    }
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|text| text.to_str().ok());
    let mut parts = given.unwrap_or_default().split(';').map(str::trim);
    let format = Format::of_media_type(parts.next().unwrap_or_default());
    let format = format.ok_or_else(|| {
        unsupported(
            "the media type is not that of a file of jobs",
            "send: Content-Type: text/csv, or application/x-ndjson for a JSON object in each line",
        )
    })?;
    let charset = parts.find_map(|part| {
        part.split_once('=')
            .filter(|(name, _)| name.eq_ignore_ascii_case("charset"))
    });
    let is_utf8 = |name: &str| {
        ["utf-8", "utf8", "us-ascii"]
            .iter()
            .any(|known| name.trim_matches('"').eq_ignore_ascii_case(known))
    };
    match charset {
        Some((_, name)) if !is_utf8(name) => Err(unsupported(
            "the file is not in UTF-8",
            "save it as UTF-8; in Excel as \"CSV UTF-8\"",
        )),
        _ => Ok(format),
    }
}

/// Nothing of the file can be used, or nothing more.
fn unusable(fault: &Unusable) -> Problem {
    Problem {
        errors: vec![FieldError {
            pointer: format!("/lines/{}", fault.line),
            problem: fault.problem.clone(),
            remedy: fault.remedy.clone(),
        }],
        ..Problem::new(Kind::INVALID_BATCH, fault.to_string(), fault.remedy.clone())
    }
}

/// A file without a row.
pub(super) fn empty() -> Problem {
    Problem::new(
        Kind::INVALID_BATCH,
        "the file has no rows",
        "send a header and a row for each job, or a JSON object in each line",
    )
}

fn too_large(detail: &str) -> Problem {
    Problem::new(
        Kind::TOO_LARGE,
        detail,
        "send the rows that were not submitted as another file, under another Idempotency-Key",
    )
}

fn slow(detail: &str) -> Problem {
    Problem::new(
        Kind::TOO_SLOW,
        detail,
        "send the file again, with the same Idempotency-Key",
    )
}

fn broken_off() -> Problem {
    Problem::new(
        Kind::INVALID_REQUEST,
        "the file broke off",
        "send it again, with the same Idempotency-Key",
    )
}
