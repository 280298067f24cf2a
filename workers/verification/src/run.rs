//! A worker from start to end: apalis' loop around the pipeline, until it is told to stop.

use std::{future::Future, sync::Arc, time::Duration};

use apalis::prelude::{Data, Monitor, WorkerBuilder};
use kyc_domain::{Failure, Outcome, Policy, Progress, settle};
use kyc_queue::{Backend, Decide, Leased, Queue, WorkerConfig};

use crate::{Pipeline, Schedule};

/// How a worker ends.
pub struct Shutdown<S> {
    /// Resolves when the worker is to take no more jobs.
    pub signal: S,
    /// How long jobs under way may take after that; what is left is handed back.
    pub grace: Duration,
}

/// Works until the signal, then finishes what is under way and hands back the rest.
pub async fn run<S: Future<Output = ()> + Send>(
    queue: Queue,
    config: WorkerConfig,
    pipeline: Arc<Pipeline>,
    (policy, schedule): (Policy, Schedule),
    shutdown: Shutdown<S>,
) -> std::io::Result<()> {
    let name = config.name.clone();
    let backend = Backend::new(queue, config, decide(policy, schedule));
    let releaser = backend.releaser();
    let grace = shutdown.grace;
    // The monitor can build its worker anew after an error, but this backend reports none.
    let backend = std::sync::Mutex::new(Some(backend));
    let monitor = Monitor::new()
        .with_terminator(async move { tokio::time::sleep(grace).await })
        .register(move |_| {
            let backend = backend.lock().ok().and_then(|mut backend| backend.take());
            WorkerBuilder::new(name.as_str())
                .backend(
                    backend
                        .expect("a worker is built once: its backend's error type is Infallible"),
                )
                .data(Arc::clone(&pipeline))
                .build(verify)
        });
    let signal = async {
        shutdown.signal.await;
        Ok(())
    };
    let ended = monitor.run_with_signal(signal).await;
    releaser.release().await;
    ended.map_err(std::io::Error::other)
}

async fn verify(job: Leased, pipeline: Data<Arc<Pipeline>>) -> Result<Outcome, Failure> {
    pipeline.verify(job).await
}

fn decide(policy: Policy, schedule: Schedule) -> Decide {
    Arc::new(move |failure, progress| {
        let delay = schedule.delay(progress.attempt);
        settle(failure, &Progress { delay, ..progress }, &policy)
    })
}
