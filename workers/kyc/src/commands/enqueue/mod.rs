//! `kyc enqueue`: enqueues one check, or a file of checks.

mod file;
mod ranges;
mod rows;
mod target;

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail, ensure};
use kyc_batch::Defaults;
use kyc_client::redis::Producer;
use kyc_domain::{Priority, Request};
use kyc_queue::Connection;
use serde_json::{Map, Value, json};

use file::File;
pub(crate) use ranges::Ranges;
use target::Sent;
pub(crate) use target::Target;

use super::{given_or_read, result};
use crate::{
    cli::{self, pairs},
    output,
    settings::Settings,
};

/// Enqueues one job or a file. The exit code is 1 if a job was refused, and 6 if a file could not be sent to its end.
pub(crate) async fn run(args: &cli::Enqueue, settings: &Settings, json: bool) -> Result<ExitCode> {
    let rules = settings.rules()?;
    if let Some(path) = &args.file {
        let target = match settings.connect_producer().await? {
            Some(producer) => Target::Inbox(producer),
            None => Target::Queue(settings.connect_opening().await?),
        };
        let lines = args.lines.as_ref();
        let file = File {
            target,
            rules,
            defaults: defaults(args)?,
            json,
            lines,
        };
        return file.enqueue(path).await;
    }
    let job = job(args)?;
    let request = kyc_kinds::parse(job.to_string().as_bytes(), rules)?;
    if let Some(producer) = settings.connect_producer().await? {
        return post(producer, request, args.wait, json).await;
    }
    let queue = settings.connect_opening().await?;
    let accepted = queue
        .enqueue(&request)
        .await
        .map_err(|error| match &error {
            kyc_queue::EnqueueError::Queue(trouble) if trouble.refusal().is_some() => {
                anyhow::anyhow!("{error}. Nothing was accepted")
            }
            _ => error.into(),
        })?;
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

/// Returns what rows of a file have that do not say it themselves.
fn defaults(args: &cli::Enqueue) -> Result<Defaults> {
    let kind = args.kind.as_deref().map(|name| {
        kyc_kinds::find(name).with_context(|| {
            let known: Vec<&str> = kyc_kinds::names().collect();
            format!("{name} is no kind; write one of: {}", known.join(", "))
        })
    });
    let priority = args.priority.as_deref().map(|text| {
        let parsed = Priority::parse(text);
        parsed.map_err(|fault| anyhow!("priority {}; {}", fault.problem, fault.remedy))
    });
    Ok(Defaults {
        kind: kind.transpose()?,
        priority: priority.transpose()?,
    })
}

/// Seals a job with the public key, and adds it to the inbox of its tenant. A worker accepts it.
async fn post(
    producer: Producer<Connection>,
    request: Request,
    wait: bool,
    json: bool,
) -> Result<ExitCode> {
    ensure!(
        !wait,
        "--wait needs the keys that open: with public_key alone, a worker accepts the job and gives it its id"
    );
    let mut sent = Target::Inbox(producer).send(&[request]).await;
    let sent = sent.pop().unwrap_or(Sent::Skipped);
    if let Some((entry, object)) = sent.told(None) {
        if json {
            output::line(object)?;
        } else {
            output::line(entry)?;
            eprintln!("Sealed and added to the inbox; a worker accepts it");
        }
        return Ok(ExitCode::SUCCESS);
    }
    match sent {
        Sent::Failed {
            why,
            may_be_there: true,
        } => bail!(
            "{why}. The job may have been added all the same: send it again only if it has an idempotency key, or if kyc jobs show \
             --reference does not find it once the inbox is empty"
        ),
        Sent::Failed { why, .. } => bail!("{why}. Nothing was added"),
        Sent::Refused(why) => bail!(why),
        _ => bail!("the job was not sent"),
    }
}

/// Builds the job from the command line.
fn job(args: &cli::Enqueue) -> Result<Value> {
    let name = args.kind.as_deref().unwrap_or_default();
    let mut job = Map::new();
    job.insert("kind".to_owned(), name.into());
    if let Some(kind) = kyc_kinds::find(name) {
        job.insert(
            kind.field.to_owned(),
            given_or_read(args.number.as_deref().unwrap_or_default())?.into(),
        );
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
