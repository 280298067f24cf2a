//! Reading the rows of a batch, and what has become of their jobs: in few commands for many rows.

use std::collections::HashMap;

use jiff::Timestamp;
use kyc_domain::{Refusal, VerificationId};

use crate::{
    Error, Queue, State,
    batches::JobBatch,
    enqueue::{header::Header, submit::About},
    worker::progress::Progress,
};

/// A row of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number, from 1.
    pub row: u64,
    /// Its line in the file.
    pub line: usize,
    /// What it is.
    pub of: RowOf,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOf {
    /// It was refused, for these faults.
    Refused(Vec<Refusal>),
    /// A job.
    Job(Box<RowJob>),
}

/// The job of a row, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowJob {
    /// The id of the verification.
    pub id: VerificationId,
    /// What is known of it.
    pub about: About,
    /// Its state.
    pub state: RowState,
    /// The verdict, once it is completed.
    pub verdict: Option<String>,
    /// The code of the last failure.
    pub code: Option<String>,
    /// The last failure in a sentence, or why a worker refused it.
    pub sentence: Option<String>,
    /// When it ended, if it was completed or died.
    pub finished_at: Option<Timestamp>,
}

/// The state of a row's job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowState {
    /// It has not ended.
    Waiting,
    /// It ended with an outcome.
    Completed,
    /// It ended without one.
    Dead,
    /// It was cancelled.
    Cancelled,
    /// A worker refused it.
    Refused,
    /// It has ended and is not kept any more.
    Deleted,
}

impl RowState {
    /// Returns the name that pages and files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Deleted => "deleted",
        }
    }
}

/// A job's hash: header and progress.
type Hash = (Option<Vec<u8>>, Option<Vec<u8>>);
/// What is known of a submission: about, cancelled, refused, existing.
type Submission = (Option<String>, Option<i64>, Option<String>, Option<String>);

impl Queue {
    /// Returns these rows of a batch, without those that are not there.
    pub async fn batch_rows(
        &self,
        batch: &JobBatch,
        from: u64,
        count: u64,
    ) -> Result<Vec<BatchRow>, Error> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let numbers: Vec<u64> = (from..from + count).collect();
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.rows_key(&batch.id.to_string())).arg(&numbers);
        let texts: Vec<Option<String>> = ask.query_async(&mut self.connection()).await?;
        let rows = numbers.into_iter().zip(texts);
        let rows: Vec<(u64, usize, Stored)> = rows
            .filter_map(|(row, text)| {
                let (line, stored) = Stored::read(&text?)?;
                Some((row, line, stored))
            })
            .collect();
        let ids: Vec<VerificationId> = rows.iter().filter_map(|(_, _, of)| of.id()).collect();
        let mut jobs = self.row_jobs(&batch.tenant, &ids).await?;
        let rows = rows.into_iter().map(|(row, line, stored)| BatchRow {
            row,
            line,
            of: match stored {
                Stored::Refused(refusals) => RowOf::Refused(refusals),
                Stored::Job(id) => {
                    let job = jobs.remove(&id).unwrap_or_else(|| RowJob::deleted(id));
                    RowOf::Job(Box::new(job))
                }
            },
        });
        Ok(rows.collect())
    }

    /// Returns what is known of these jobs. A job that is not there is left out.
    async fn row_jobs(
        &self,
        tenant: &str,
        ids: &[VerificationId],
    ) -> Result<HashMap<VerificationId, RowJob>, Error> {
        // In this order, since a worker that accepts a job writes it before it deletes the submission.
        let submissions = self.submissions(ids).await?;
        let hashes = self.hashes(ids).await?;
        let mut jobs = HashMap::with_capacity(ids.len());
        let mut others = Vec::new();
        for ((id, submission), hash) in ids.iter().zip(submissions).zip(hashes) {
            if let Some(job) = RowJob::of_hash(*id, hash) {
                jobs.insert(*id, job);
                continue;
            }
            if let Some(first) = submission.3.as_deref().and_then(|first| first.parse().ok()) {
                others.push((*id, first));
            }
            if let Some(job) = RowJob::of_submission(*id, submission) {
                jobs.insert(*id, job);
            }
        }
        // Jobs that are earlier ones by their idempotency keys.
        let firsts: Vec<VerificationId> = others.iter().map(|(_, first)| *first).collect();
        for ((id, first), hash) in others.into_iter().zip(self.hashes(&firsts).await?) {
            if let Some(job) = RowJob::of_hash(first, hash) {
                jobs.insert(id, job);
            }
        }
        jobs.retain(|_, job| job.about.tenant == tenant);
        Ok(jobs)
    }

    async fn hashes(&self, ids: &[VerificationId]) -> Result<Vec<Hash>, Error> {
        let fields = ["header", "progress"];
        self.of_each(ids, "job", &fields).await
    }

    async fn submissions(&self, ids: &[VerificationId]) -> Result<Vec<Submission>, Error> {
        let fields = ["about", "cancelled", "refused", "existing"];
        self.of_each(ids, "submission", &fields).await
    }

    async fn of_each<T: redis::FromRedisValue>(
        &self,
        ids: &[VerificationId],
        of: &str,
        fields: &[&str],
    ) -> Result<Vec<T>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new()); // Redis does not accept an empty pipeline.
        }
        let mut ask = redis::pipe();
        for id in ids {
            let key = self.key(&format!("{of}:{id}"));
            ask.cmd("HMGET").arg(key).arg(fields);
        }
        Ok(ask.query_async(&mut self.connection()).await?)
    }
}

/// A row as it is stored.
enum Stored {
    Refused(Vec<Refusal>),
    Job(VerificationId),
}

impl Stored {
    /// Reads the line, and either the id and the digest of a job or why the row is refused.
    fn read(text: &str) -> Option<(usize, Self)> {
        let (line, rest) = text.split_once(' ')?;
        let stored = if rest.starts_with('[') {
            Self::Refused(serde_json::from_str(rest).ok()?)
        } else {
            Self::Job(rest.split_once(' ')?.0.parse().ok()?)
        };
        Some((line.parse().ok()?, stored))
    }

    fn id(&self) -> Option<VerificationId> {
        match self {
            Self::Refused(_) => None,
            Self::Job(id) => Some(*id),
        }
    }
}

impl RowJob {
    fn of_hash(id: VerificationId, (header, progress): Hash) -> Option<Self> {
        let header: Header = serde_json::from_slice(&header?).ok()?;
        let progress = Progress::read(&progress.unwrap_or_default())?;
        let state = match progress.state.as_deref() {
            None => RowState::Waiting,
            Some(state) if state == State::Completed.as_str() => RowState::Completed,
            Some(state) if state == State::Cancelled.as_str() => RowState::Cancelled,
            Some(_) => RowState::Dead,
        };
        let has_ended = matches!(state, RowState::Completed | RowState::Dead);
        let last = progress.history.last().filter(|_| has_ended);
        Some(Self {
            id,
            about: About {
                tenant: header.tenant,
                kind: header.kind,
                reference: header.reference,
                number: header.number,
                priority: header.priority,
            },
            state,
            verdict: progress.verdict,
            finished_at: last.and_then(|last| Timestamp::from_millisecond(last.at).ok()),
            code: progress.code,
            sentence: progress.sentence,
        })
    }

    fn of_submission(
        id: VerificationId,
        (about, cancelled, refused, _): Submission,
    ) -> Option<Self> {
        let state = match (&refused, cancelled) {
            (Some(_), _) => RowState::Refused,
            (None, Some(_)) => RowState::Cancelled,
            (None, None) => RowState::Waiting,
        };
        Some(Self {
            id,
            about: serde_json::from_str(&about?).ok()?,
            state,
            verdict: None,
            code: None,
            sentence: refused,
            finished_at: None,
        })
    }

    fn deleted(id: VerificationId) -> Self {
        Self {
            id,
            about: About::default(),
            state: RowState::Deleted,
            verdict: None,
            code: None,
            sentence: None,
            finished_at: None,
        }
    }
}
