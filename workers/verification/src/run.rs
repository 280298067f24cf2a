//! A worker from start to end: apalis' loop around the pipeline, until it is told to stop.

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
use kyc_domain::{AttemptContext, Failure, Outcome, Policy, settle};
use kyc_queue::{Backend, Decide, Leased, Queue, WorkerConfig};

use crate::{Pipeline, Schedule};

/// How a worker ends.
pub struct Shutdown<S, N> {
    /// Resolves when the worker is to take no more jobs.
    pub signal: S,
    /// How long jobs under way may take after that; what is left is handed back.
    pub grace: Duration,
    /// Resolves when they may take no more time at all: what is left is handed back within a second.
    pub now: N,
}

/// The queue as a worker takes jobs from it, with the rules of retrying.
pub fn backend(queue: Queue, config: WorkerConfig, policy: Policy, schedule: Schedule) -> Backend {
    Backend::new(queue, config, decide(policy, schedule))
}

/// Works until the signal, then finishes what is under way and hands back the rest.
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
    // The monitor can build its worker anew after an error, but this backend reports none.
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

/// The end of the grace, or `now`, and then it says so.
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
