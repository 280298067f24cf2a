//! Runs a worker from start to end: apalis' loop around the pipeline, until a signal to stop.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use apalis::prelude::{Data, Monitor, WorkerBuilder};
use futures::future::{Either, select};
use kyc_blobs::Blobs;
use kyc_domain::{AttemptContext, Failure, Outcome, Policy, settle};
use kyc_queue::{Backend, Decide, Leased, Queue, WorkerConfig};

use crate::{Pipeline, Schedule, sweep::StoredImages};

/// How and when a worker stops.
pub struct Shutdown<S, N> {
    /// Resolves when the worker must take no more jobs.
    pub signal: S,
    /// How long running jobs may take after that. The rest is handed back.
    pub grace: Duration,
    /// Resolves when running jobs must be handed back at once, which takes at most a second.
    pub now: N,
}

/// Returns the backend from which a worker takes jobs, with the rules of retrying. `blobs` is the store of their images.
pub fn backend(
    queue: Queue,
    config: WorkerConfig,
    policy: Policy,
    schedule: Schedule,
    blobs: Blobs,
) -> Backend {
    let images = Arc::new(StoredImages(blobs));
    Backend::new(queue, config, decide(policy, schedule), images)
}

/// Runs the worker until the signal, then finishes running jobs and hands back the rest.
pub async fn run<S, N>(
    backend: Backend,
    pipeline: Arc<Pipeline>,
    shutdown: Shutdown<S, N>,
) -> std::io::Result<()>
where
    S: Future<Output = ()> + Send,
    N: Future<Output = ()> + Send + 'static,
{
    let name = backend.name().to_owned();
    let releaser = backend.releaser();
    let at_once = Arc::new(AtomicBool::new(false));
    // The monitor can rebuild its worker after an error, but this backend reports none.
    let backend = std::sync::Mutex::new(Some(backend));
    let monitor = Monitor::new()
        .with_terminator(until(shutdown.grace, shutdown.now, Arc::clone(&at_once)))
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
        releaser.stop_taking().await;
        Ok(())
    };
    let ended = monitor.run_with_signal(signal).await;
    if at_once.load(Ordering::Relaxed) {
        releaser.release_at_once().await;
    } else {
        releaser.release().await;
    }
    ended.map_err(std::io::Error::other)
}

/// Resolves at the end of the grace period or at `now`, whichever comes first. Sets `at_once` in the second case.
async fn until(grace: Duration, now: impl Future<Output = ()>, at_once: Arc<AtomicBool>) {
    let grace = pin!(tokio::time::sleep(grace));
    if let Either::Left(_) = select(pin!(now), grace).await {
        at_once.store(true, Ordering::Relaxed);
    }
}

async fn verify(job: Leased, pipeline: Data<Arc<Pipeline>>) -> Result<Outcome, Failure> {
    pipeline.verify(job).await
}

fn decide(policy: Policy, schedule: Schedule) -> Decide {
    Arc::new(move |failure, context| {
        let delay = schedule.delay(context.attempt);
        settle(failure, &AttemptContext { delay, ..context }, &policy)
    })
}
