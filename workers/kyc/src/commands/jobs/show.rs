//! `kyc jobs show`: shows a job without the person's data.

use std::process::ExitCode;

use anyhow::Result;
use kyc_domain::Tenant;
use kyc_queue::{Queue, Verification, Waiting};

use super::choice;
use crate::{
    cli::Show,
    commands::{id, result},
    output,
    settings::Settings,
};

/// Shows a job, or all jobs of a reference. The exit code tells the state of the newest.
pub(crate) async fn run(args: &Show, settings: &Settings, json: bool) -> Result<ExitCode> {
    let (queue, jobs) = match (&args.id, &args.reference) {
        (Some(text), _) => {
            let id = id(text)?;
            let queue = settings.connect().await?;
            let jobs = queue.look_at(&[id]).await?;
            if jobs.is_empty() {
                return Ok(result::unknown(id));
            }
            (queue, jobs)
        }
        (None, reference) => {
            let reference = reference.as_deref().unwrap_or_default();
            let tenant = args.tenant.as_deref();
            tenant.map_or(Ok(()), choice::tenant)?;
            let queue = settings.connect().await?;
            let jobs = of_reference(&queue, tenant, reference, args.most.into()).await?;
            (queue, jobs)
        }
    };
    let Some(newest) = jobs.first() else {
        eprintln!("kyc: no job has this reference; if it belongs to another tenant, use --tenant");
        return Ok(ExitCode::from(5));
    };
    for (position, job) in jobs.iter().enumerate() {
        if json {
            output::line(serde_json::to_string(job)?)?;
        } else {
            let between = if position == 0 { "" } else { "\n" };
            output::line(format_args!("{between}{}", output::card(job)))?;
        }
    }
    let for_a_worker = |waiting: &Waiting| !waiting.is_for_a_person();
    let waits = jobs
        .iter()
        .any(|job| job.waiting.as_ref().is_some_and(for_a_worker));
    if waits && !json && queue.workers().await?.iter().all(|worker| worker.lost) {
        eprintln!("No live worker can take it: start kyc work");
    }
    Ok(result::exit_code(newest))
}

/// Returns the newest jobs of a reference, and prints a message if there are more.
async fn of_reference(
    queue: &Queue,
    tenant: Option<&str>,
    reference: &str,
    most: usize,
) -> Result<Vec<Verification>> {
    let default = Tenant::default();
    let tenant = tenant.unwrap_or(default.as_str());
    let mut jobs = queue.find_by_reference(tenant, reference, most + 1).await?;
    if jobs.len() > most {
        jobs.truncate(most);
        eprintln!("These are the newest {most}; there are more: --most N shows them");
    }
    Ok(jobs)
}
