//! Enqueues a file of jobs. Each line is accepted or refused by itself.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use kyc_domain::Request;
use kyc_kinds::Rules;
use kyc_queue::{EnqueueError, Queue};
use serde_json::json;

use super::{
    lines::{Lines, other_than_text},
    ranges::Ranges,
};
use crate::output;

/// Jobs that are sent together.
const BATCH: usize = 1000;

/// Exit code: some lines were refused, and all others are accepted.
const REFUSED: u8 = 1;
/// Exit code: the file could not be read or sent to its end.
const BROKEN_OFF: u8 = 6;

/// A file of jobs.
pub(super) struct File<'a> {
    pub(super) queue: Queue,
    pub(super) rules: Rules,
    pub(super) json: bool,
    /// The lines to send, if not all.
    pub(super) lines: Option<&'a Ranges>,
}

/// The results of the lines so far.
#[derive(Default)]
struct Tally {
    accepted: usize,
    existing: usize,
    refused: usize,
    /// The lines that were sent without an answer, and those that were not sent.
    open: Ranges,
    /// Why they are open.
    trouble: Option<String>,
}

impl File<'_> {
    /// Sends all lines. Returns the exit code.
    pub(super) async fn enqueue(&self, path: &Path) -> Result<ExitCode> {
        let (mut reader, size): (Box<dyn BufRead>, u64) = if path.as_os_str() == "-" {
            (Box::new(BufReader::new(std::io::stdin())), 0)
        } else {
            let file = std::fs::File::open(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let size = file.metadata()?.len();
            (Box::new(BufReader::new(file)), size)
        };
        let start = reader
            .fill_buf()
            .with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(other) = other_than_text(start) {
            bail!("{} {other}; nothing was sent", path.display());
        }
        let progress = output::bytes(size);
        let mut tally = Tally::default();
        self.each(Lines::new(reader), &mut tally, &progress).await?;
        progress.finish_and_clear();
        self.summary(path, &tally)
    }

    async fn each(
        &self,
        mut lines: Lines<Box<dyn BufRead>>,
        tally: &mut Tally,
        progress: &ProgressBar,
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        let unread = loop {
            let line = match lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => break None,
                Err(error) => {
                    let trouble = format!("line {} cannot be read: {}", lines.at(), error.kind());
                    tally.trouble = Some(trouble);
                    break Some(lines.at());
                }
            };
            progress.inc(line.size);
            if self.lines.is_some_and(|meant| !meant.hold(line.number)) {
                continue;
            }
            let parsed = line.text.and_then(|job| kyc_kinds::parse(&job, self.rules));
            match parsed {
                Ok(request) => batch.push((line.number, request)),
                Err(refused) => self.refuse(line.number, &refused.to_string(), tally, progress)?,
            }
            if batch.len() == BATCH {
                self.send(std::mem::take(&mut batch), tally, progress)
                    .await?;
                if tally.trouble.is_some() {
                    break Some(lines.at());
                }
            }
        };
        self.send(batch, tally, progress).await?;
        if let Some(from) = unread {
            tally.open.push_rest(from);
        }
        Ok(())
    }

    /// Sends a batch and prints the result of each line. A line without an answer does not hide the results of others.
    async fn send(
        &self,
        batch: Vec<(usize, Request)>,
        tally: &mut Tally,
        progress: &ProgressBar,
    ) -> Result<()> {
        let (lines, requests): (Vec<usize>, Vec<Request>) = batch.into_iter().unzip();
        let answers = self.queue.enqueue_all(&requests).await;
        for (line, answer) in lines.into_iter().zip(answers) {
            match answer {
                Ok(job) => {
                    if job.existing {
                        tally.existing += 1;
                    } else {
                        tally.accepted += 1;
                    }
                    let told = if self.json {
                        json!({ "line": line, "id": job.id, "existing": job.existing }).to_string()
                    } else {
                        job.id.to_string()
                    };
                    progress.suspend(|| output::tell(told))?;
                }
                Err(EnqueueError::Queue(error)) => {
                    tally.trouble.get_or_insert_with(|| error.to_string());
                    tally.open.push(line);
                }
                Err(conflict) => self.refuse(line, &conflict.to_string(), tally, progress)?,
            }
        }
        Ok(())
    }

    fn refuse(
        &self,
        line: usize,
        why: &str,
        tally: &mut Tally,
        progress: &ProgressBar,
    ) -> Result<()> {
        tally.refused += 1;
        progress.suspend(|| {
            if self.json {
                return output::tell(json!({ "line": line, "refused": why }));
            }
            eprintln!("line {line}: {why}");
            Ok(())
        })
    }

    /// Prints the counts and, if the file could not be sent to its end, why and how to continue.
    fn summary(&self, path: &Path, tally: &Tally) -> Result<ExitCode> {
        let Tally {
            accepted,
            existing,
            refused,
            open,
            trouble,
        } = tally;
        if self.json {
            let mut told =
                json!({ "accepted": accepted, "existing": existing, "refused": refused });
            if let Some(trouble) = trouble {
                told["broken_off"] = json!({ "why": trouble, "lines": open.to_string() });
            }
            output::tell(told)?;
        } else {
            eprintln!("{accepted} accepted, {existing} already known, {refused} refused");
        }
        let Some(trouble) = trouble else {
            return Ok(match refused {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(REFUSED),
            });
        };
        if !self.json {
            let trouble = kyc_telemetry::scrub(trouble);
            eprintln!(
                "kyc: stopped: {trouble}. Without an answer: lines {open}. Continue with: kyc enqueue --file {} --lines {open}; \
                 some of these lines may have been accepted all the same, which is harmless with idempotency keys",
                path.display()
            );
        }
        Ok(ExitCode::from(BROKEN_OFF))
    }
}
