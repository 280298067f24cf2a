//! `kyc enqueue`: one check, or a file of them.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result};
use kyc_domain::Request;
use kyc_kinds::Rules;
use kyc_queue::Queue;
use serde_json::{Map, Value, json};

use super::result;
use crate::{
    cli::{self, pairs},
    output,
    settings::Settings,
};

/// Jobs that are sent together.
const BATCH: usize = 1000;

/// Enqueues; exit code 1 when a job was refused, though others may have been accepted.
pub(crate) async fn run(args: &cli::Enqueue, settings: &Settings, json: bool) -> Result<ExitCode> {
    let rules = settings.rules()?;
    if let Some(path) = &args.file {
        let queue = settings.connect().await?;
        return File { queue, rules, json }.enqueue(path).await;
    }
    let job = job(args)?;
    let request = kyc_kinds::parse(job.to_string().as_bytes(), rules)?;
    let queue = settings.connect().await?;
    let accepted = queue.enqueue(&request).await?;
    if args.wait {
        return result::wait_and_show(
            &queue,
            accepted.id,
            std::time::Duration::from_secs(600),
            json,
        )
        .await;
    }
    if json {
        output::line(json!({ "id": accepted.id, "existing": accepted.existing }))?;
    } else {
        output::line(accepted.id)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The job that the words of the command line describe.
fn job(args: &cli::Enqueue) -> Result<Value> {
    let name = args.kind.as_deref().unwrap_or_default();
    let mut job = Map::new();
    job.insert("kind".to_owned(), name.into());
    if let Some(kind) = kyc_kinds::find(name) {
        job.insert(kind.field.to_owned(), number(args)?.into());
    }
    let fields = pairs("--field", &args.fields)?;
    job.extend(fields.into_iter().map(|(name, value)| (name, value.into())));
    let claims = pairs("--claim", &args.claims)?;
    if !claims.is_empty() {
        job.insert("claims".to_owned(), json!(claims));
    }
    let terms = [
        ("reference", &args.reference),
        ("tenant", &args.tenant),
        ("priority", &args.priority),
        ("idempotency_key", &args.idempotency_key),
        ("purpose", &args.purpose),
    ];
    for (name, value) in terms {
        if let Some(value) = value {
            job.insert(name.to_owned(), value.as_str().into());
        }
    }
    if let (Some(reference), Some(at)) = (&args.consent, &args.consent_at) {
        let consent = json!({ "obtained_at": at, "reference": reference });
        job.insert("consent".to_owned(), consent);
    }
    if args.fresh {
        job.insert("fresh".to_owned(), true.into());
    }
    Ok(Value::Object(job))
}

fn number(args: &cli::Enqueue) -> Result<String> {
    match args.number.as_deref().unwrap_or_default() {
        "-" => {
            let mut text = String::new();
            std::io::stdin()
                .take(1024)
                .read_to_string(&mut text)
                .context("standard input")?;
            Ok(text.trim().to_owned())
        }
        number => Ok(number.to_owned()),
    }
}

/// A file of jobs on its way into the queue.
struct File {
    queue: Queue,
    rules: Rules,
    json: bool,
}

/// What became of the lines of a file.
#[derive(Default)]
struct Tally {
    accepted: usize,
    existing: usize,
    refused: usize,
}

impl File {
    async fn enqueue(&self, path: &Path) -> Result<ExitCode> {
        let (reader, size): (Box<dyn BufRead>, u64) = if path.as_os_str() == "-" {
            (Box::new(BufReader::new(std::io::stdin())), 0)
        } else {
            let file = std::fs::File::open(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let size = file.metadata()?.len();
            (Box::new(BufReader::new(file)), size)
        };
        let progress = output::bytes(size);
        let mut tally = Tally::default();
        let mut batch = Vec::with_capacity(BATCH);
        for (position, line) in reader.lines().enumerate() {
            let line = line.with_context(|| format!("line {} cannot be read", position + 1))?;
            progress.inc(line.len() as u64 + 1);
            if line.trim().is_empty() {
                continue;
            }
            match kyc_kinds::parse(line.as_bytes(), self.rules) {
                Ok(request) => batch.push((position + 1, request)),
                Err(refused) => self.refuse(position + 1, &refused.to_string(), &mut tally)?,
            }
            if batch.len() == BATCH {
                self.send(std::mem::take(&mut batch), &mut tally).await?;
            }
        }
        self.send(batch, &mut tally).await?;
        progress.finish_and_clear();
        let Tally {
            accepted,
            existing,
            refused,
        } = tally;
        if self.json {
            output::tell(
                json!({ "accepted": accepted, "existing": existing, "refused": refused }),
            )?;
        } else {
            eprintln!("{accepted} accepted, {existing} known before, {refused} refused");
        }
        Ok(if refused == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn send(&self, batch: Vec<(usize, Request)>, tally: &mut Tally) -> Result<()> {
        let (lines, requests): (Vec<usize>, Vec<Request>) = batch.into_iter().unzip();
        for (line, answer) in lines
            .into_iter()
            .zip(self.queue.enqueue_all(&requests).await)
        {
            match answer {
                Ok(job) => {
                    if job.existing {
                        tally.existing += 1;
                    } else {
                        tally.accepted += 1;
                    }
                    if self.json {
                        output::tell(
                            json!({ "line": line, "id": job.id, "existing": job.existing }),
                        )?;
                    } else {
                        output::tell(job.id)?;
                    }
                }
                Err(kyc_queue::EnqueueError::Queue(error)) => {
                    let done = tally.accepted + tally.existing;
                    return Err(error).with_context(|| {
                        format!("stopped at line {line}, {done} jobs are accepted; with idempotency keys the file can be sent again")
                    });
                }
                Err(conflict) => self.refuse(line, &conflict.to_string(), tally)?,
            }
        }
        Ok(())
    }

    fn refuse(&self, line: usize, why: &str, tally: &mut Tally) -> Result<()> {
        tally.refused += 1;
        if self.json {
            return output::tell(json!({ "line": line, "refused": why }));
        }
        eprintln!("line {line}: {why}");
        Ok(())
    }
}
