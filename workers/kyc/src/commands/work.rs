//! `kyc work`: a worker, from its checks at the start to its drain at the end.

use std::{process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use kyc_queue::{Inbox, WorkerConfig};
use kyc_verification::{Pipeline, Shutdown, Upstream};

use super::{doctor, stdin_ended, told_to_stop};
use crate::{cli::Work, settings::Settings};

/// Works until it is told to stop.
pub(crate) async fn run(args: &Work, settings: &Settings) -> Result<ExitCode> {
    let work = settings.work()?;
    let rules = settings.rules()?;
    let client = radius_api::Client::new(settings.radius()?).context("the source's settings")?;
    let blobs = settings.blobs()?;
    let queue = settings.connect().await?;
    blobs
        .check()
        .await
        .context("the blob store cannot be used; check KYC_BLOB_URL")?;
    if work.check_source {
        doctor::reach(settings).await?;
    }

    let name = args.name.clone().unwrap_or_else(name);
    tracing::info!(
        worker = name,
        kinds = work.kinds.join(","),
        concurrency = work.concurrency,
        "Worker started"
    );
    let config = WorkerConfig {
        name: name.clone(),
        kinds: work.kinds,
        concurrency: work.concurrency,
        lease: work.lease,
        max_stalls: work.max_stalls,
    };
    let pipeline = Pipeline::new(
        queue.vault().clone(),
        Upstream::new(client),
        blobs,
        work.messages,
    );
    let inbox = Inbox::new(queue.clone(), name.clone(), move |job: &[u8]| {
        kyc_kinds::parse(job, rules)
    });
    let reading = tokio::spawn(async move { inbox.run().await });

    let until_stdin_ends = args.until_stdin_ends;
    let signal = async move {
        tokio::select! {
            () = told_to_stop() => {}
            () = stdin_ended(), if until_stdin_ends => {}
        }
        // What is read but not yet accepted stays in the inbox for another pod.
        reading.abort();
        tracing::info!("Told to stop: finishing what is under way");
    };
    let shutdown = Shutdown {
        signal,
        grace: work.grace,
    };
    kyc_verification::run(
        queue,
        config,
        Arc::new(pipeline),
        (work.policy, work.schedule),
        shutdown,
    )
    .await?;
    tracing::info!(worker = name, "Worker stopped");
    Ok(ExitCode::SUCCESS)
}

/// Host and process, with something that tells a restarted container from the one before.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = Some(host.trim())
        .filter(|host| !host.is_empty())
        .unwrap_or("worker");
    let id = kyc_domain::VerificationId::generate()
        .to_string()
        .to_lowercase();
    format!("{host}-{}-{}", std::process::id(), &id[20..])
}
