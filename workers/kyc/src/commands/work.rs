//! `kyc work`: runs a worker, from the checks at its start to the drain at its end.

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use kyc_blobs::Blobs;
use kyc_queue::{Queue, WorkerConfig};
use kyc_verification::{Pipeline, Policies, Shutdown, Upstream};
use tokio::task::JoinSet;

use super::{doctor, inboxes::Inboxes, reload::reload_keys, stop::Stop};
use crate::{
    cli::Work,
    probes::{self, Probes},
    settings::{self, Settings},
};

/// Runs the worker until a signal to stop.
pub(crate) async fn run(args: &Work, settings: &Settings) -> Result<ExitCode> {
    if args.check {
        return probes::check(settings).await;
    }
    let name = args.name.clone().unwrap_or_else(name);
    let work = settings.work(&name)?;
    let rules = settings.rules()?;
    let client = settings.client()?;
    let blobs = settings.blobs()?;
    let listener = settings.probe_listener().await?;
    let queue = settings.connect_opening().await?;
    can_be_used(&blobs, settings, &work).await?;

    let mut beside = JoinSet::new();
    beside.spawn(warn_of_eviction(queue.clone()));
    if let Some(path) = settings.keys_file() {
        beside.spawn(reload_keys(path, queue.vault().clone()));
    }
    beside.spawn(sweep(queue.clone(), blobs.clone()));
    let stop = Stop::hear(args.until_stdin_ends, &mut beside);
    for exposed in settings.exposed_files() {
        tracing::warn!("{exposed}");
    }
    log_start(&work.worker);
    let pipeline = Pipeline::new(
        queue.vault().clone(),
        Upstream::new(client),
        blobs.clone(),
        Policies {
            understanding: work.understanding,
            rules,
            matching: work.matching,
            allow_sandbox: work.allow_sandbox,
        },
    );
    let backend = kyc_verification::backend(
        queue.clone(),
        work.worker,
        work.policy,
        work.schedule,
        blobs,
    );
    let serve = |listener| Probes::serve(listener, queue.clone(), backend.liveness(), &mut beside);
    let probes = listener.map(serve).transpose()?;
    let inboxes = Arc::new(Inboxes::new(queue, name.clone(), settings.inbox()?, rules));
    tokio::spawn(Arc::clone(&inboxes).keep_reading());
    let signal = async {
        stop.drain().await;
        if let Some(probes) = &probes {
            probes.drain();
        }
        inboxes.stop();
        tracing::info!("Signal to stop: finishing running jobs");
    };
    let shutdown = Shutdown {
        signal,
        grace: work.grace,
        now: stop.clone().now(),
    };
    kyc_verification::run(backend, Arc::new(pipeline), shutdown).await?;
    tracing::info!(worker = name, "Worker stopped");
    Ok(stop.code().map_or(ExitCode::SUCCESS, ExitCode::from))
}

/// How often the eviction policy of Redis is checked.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3600);

/// Logs a warning at the start, and then once an hour, if Redis may evict jobs when its memory is full.
async fn warn_of_eviction(queue: Queue) {
    loop {
        // Errors of Redis are logged where the worker uses it.
        if let Ok(Some(policy)) = doctor::evicts(&queue).await {
            tracing::warn!(
                policy,
                "Redis drops keys when its memory is full, accepted jobs among them: set maxmemory-policy to noeviction"
            );
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// How often half-written images are searched for.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(24 * 3600);
/// How often a worker tries to take the fleet's turn at sweeping.
const BETWEEN_TURNS: Duration = Duration::from_secs(3600);

/// Deletes half-written images of dead workers, and images and key records that belong to no job: at the start, and then once a day.
async fn sweep(queue: Queue, blobs: Blobs) {
    let mut swept: Option<Instant> = None;
    loop {
        if swept.is_none_or(|at| at.elapsed() >= BETWEEN_SWEEPS) {
            swept = Some(Instant::now());
            match blobs.sweep().await {
                Ok(0) | Err(_) => {}
                Ok(files) => tracing::info!(files, "Removed half-written images"),
            }
        }
        match kyc_verification::sweep_images(&queue, &blobs).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "Deleted images that belong to no job"),
            Err(error) => tracing::warn!(%error, "Could not delete images that belong to no job"),
        }
        match queue.sweep_key_records().await {
            Ok(0) => {}
            Ok(records) => tracing::info!(records, "Deleted key records that belong to no job"),
            Err(error) => {
                tracing::warn!(%error, "Could not delete key records that belong to no job");
            }
        }
        tokio::time::sleep(BETWEEN_TURNS).await;
    }
}

/// Returns an error if the worker could not do its work: the blob store, or the provider, cannot be used.
async fn can_be_used(blobs: &Blobs, settings: &Settings, work: &settings::Work) -> Result<()> {
    blobs
        .check()
        .await
        .context("the blob store cannot be used; check KYC_BLOB_URL")?;
    if work.check_provider {
        doctor::reach(settings).await?;
    }
    Ok(())
}

fn log_start(worker: &WorkerConfig) {
    tracing::info!(
        worker = worker.name,
        kinds = worker.kinds.join(","),
        concurrency = worker.concurrency,
        "Worker started"
    );
}

/// Returns a name of host and process id, with a suffix that distinguishes a restarted container from the one before.
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
