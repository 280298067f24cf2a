//! Enqueues a file of jobs: a table, or lines of JSON. Each row is accepted or refused by itself.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use kyc_batch::{Defaults, Format, Reader};
use kyc_domain::Request;
use kyc_kinds::Rules;
use serde_json::json;

use super::{
    ranges::Ranges,
    rows::{Rows, Unread},
    target::{Sent, Target},
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
    pub(super) target: Target,
    pub(super) rules: Rules,
    /// What rows have that do not say it themselves.
    pub(super) defaults: Defaults,
    pub(super) json: bool,
    /// The lines to send, if not all.
    pub(super) lines: Option<&'a Ranges>,
}

/// The results of the lines so far.
#[derive(Default)]
struct Tally {
    /// Jobs that are in the queue or in the inbox now.
    accepted: usize,
    existing: usize,
    refused: usize,
    /// The lines that were sent without an answer, and those that were not sent.
    open: Ranges,
    /// Those of them that the inbox may have all the same.
    unclear: Ranges,
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
        let format = Format::of_start(start);
        let rows = Rows::new(reader, Reader::new(format, self.defaults, self.rules));
        let progress = output::bytes(size);
        let mut tally = Tally::default();
        let sent = self.each(rows, &mut tally, &progress).await;
        progress.finish_and_clear();
        sent.with_context(|| format!("{}", path.display()))?;
        self.summary(path, &tally)
    }

    async fn each(
        &self,
        mut rows: Rows<Box<dyn BufRead>>,
        tally: &mut Tally,
        progress: &ProgressBar,
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_first = true;
        let unread = loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break None,
                Err(Unread::Unusable(fault)) if is_first => bail!("{fault}; nothing was sent"),
                Err(Unread::Unusable(fault)) => {
                    tally.trouble = Some(fault.to_string());
                    break Some(fault.line);
                }
                Err(Unread::Io(error)) => {
                    let trouble = format!("line {} cannot be read: {}", rows.at(), error.kind());
                    tally.trouble = Some(trouble);
                    break Some(rows.at());
                }
            };
            is_first = false;
            progress.inc(row.size);
            if self.lines.is_some_and(|meant| !meant.hold(row.line)) {
                continue;
            }
            match row.job {
                Ok(request) => batch.push((row.line, request)),
                Err(refused) => self.refuse(row.line, &refused.to_string(), tally, progress)?,
            }
            if batch.len() == BATCH {
                self.send(std::mem::take(&mut batch), tally, progress)
                    .await?;
                if tally.trouble.is_some() {
                    break Some(rows.at());
                }
            }
        };
        self.send(batch, tally, progress).await?;
        if let Some(from) = unread {
            tally.open.push_rest(from, self.lines);
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
        let sent = self.target.send(&requests).await;
        for (line, sent) in lines.into_iter().zip(sent) {
            match &sent {
                Sent::Accepted { existing: true, .. } => tally.existing += 1,
                Sent::Accepted { .. } | Sent::Added { .. } => tally.accepted += 1,
                Sent::Refused(why) => self.refuse(line, why, tally, progress)?,
                Sent::Failed { why, may_be_there } => {
                    tally.trouble.get_or_insert_with(|| why.clone());
                    tally.open.push(line);
                    if *may_be_there {
                        tally.unclear.push(line);
                    }
                }
                Sent::Skipped => tally.open.push(line),
            }
            if let Some((id, object)) = sent.told(Some(line)) {
                let told = if self.json { object.to_string() } else { id };
                progress.suspend(|| output::tell(told))?;
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
            ..
        } = tally;
        let is_inbox = self.target.is_inbox();
        if self.json {
            let mut told = if is_inbox {
                json!({ "added": accepted, "refused": refused })
            } else {
                json!({ "accepted": accepted, "existing": existing, "refused": refused })
            };
            if let Some(trouble) = &tally.trouble {
                told["broken_off"] = json!({ "why": trouble, "lines": tally.open.to_string() });
                if is_inbox {
                    told["broken_off"]["unclear"] = tally.unclear.to_string().into();
                }
            }
            output::tell(told)?;
        } else if is_inbox {
            eprintln!(
                "{accepted} added to the inbox, {refused} refused; the printed ids are those of entries, and a worker accepts the jobs"
            );
        } else {
            eprintln!("{accepted} accepted, {existing} already known, {refused} refused");
        }
        let Some(trouble) = &tally.trouble else {
            return Ok(match refused {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(REFUSED),
            });
        };
        if !self.json {
            eprintln!(
                "kyc: stopped: {}. {}",
                kyc_telemetry::scrub(trouble),
                self.remedy(path, tally)
            );
        }
        Ok(ExitCode::from(BROKEN_OFF))
    }

    /// Returns how to continue with the lines that are open.
    fn remedy(&self, path: &Path, tally: &Tally) -> String {
        let Tally { open, unclear, .. } = tally;
        let path = path.display();
        let doubt = if !self.target.is_inbox() {
            "; some of these lines may have been accepted all the same, which is harmless with idempotency keys".to_owned()
        } else if unclear.is_empty() {
            String::new()
        } else {
            format!(
                "; lines {unclear} may have been added all the same, which is harmless with idempotency keys; for those without, first \
                 look for their references once the inbox is empty: kyc jobs show --reference R --tenant T"
            )
        };
        format!(
            "Without an answer: lines {open}. Continue with: kyc enqueue --file {path} --lines {open}{doubt}"
        )
    }
}
