//! Workers in this process: apalis' loop around a handler of the test's own.

use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use apalis::prelude::{Data, Monitor, WorkerBuilder};
use futures::{FutureExt, future::BoxFuture};
use kyc_domain::{AmbiguousCalls, AttemptContext, Failure, Outcome, Policy, settle};
use kyc_queue::{Backend, Circuit, Decide, Images, Leased, NoImages, Queue, WorkerConfig};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{KINDS, LONG};

/// What is done with a job.
pub(crate) type Handler =
    Arc<dyn Fn(Leased) -> BoxFuture<'static, Result<Outcome, Failure>> + Send + Sync>;

pub(crate) fn handler<F>(handle: impl Fn(Leased) -> F + Send + Sync + 'static) -> Handler
where
    F: Future<Output = Result<Outcome, Failure>> + Send + 'static,
{
    Arc::new(move |job| handle(job).boxed())
}

/// The usual worker of that name.
pub(crate) fn worker(name: &str) -> WorkerConfig {
    worker_of(name, 8, &KINDS)
}

pub(crate) fn worker_of(name: &str, concurrency: usize, kinds: &[&'static str]) -> WorkerConfig {
    WorkerConfig {
        name: name.to_owned(),
        kinds: kinds.to_vec(),
        image_kinds: vec!["bvn", "nin"],
        concurrency,
        lease: Duration::from_secs(10),
        max_stalls: 2,
        slot_tolerance: Duration::from_millis(10),
        // Where a test is about failures, its own.
        circuit: Circuit {
            failures: 0,
            ..Circuit::default()
        },
        ambiguous_calls: AmbiguousCalls::Retry,
    }
}

/// The product's rules, with this delay between attempts.
pub(crate) fn policy(policy: Policy, delay: Duration) -> Decide {
    Arc::new(move |failure, context| settle(failure, &AttemptContext { delay, ..context }, &policy))
}

/// A worker under way.
pub(crate) struct Running {
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Tells it to stop and waits for its end.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        tokio::time::timeout(LONG, self.ended)
            .await
            .expect("the worker ends in time")
            .expect("the worker does not panic")
            .expect("the worker ends well");
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.ended.is_finished()
    }

    /// Ends it like a crash: nothing is finished, nothing handed back.
    pub(crate) fn crash(self) {
        self.ended.abort();
    }
}

/// Starts a worker with the product's rules and a short delay, that waits five seconds for what is under way.
pub(crate) fn start(queue: &Queue, config: WorkerConfig, handler: Handler) -> Running {
    let decide = policy(Policy::default(), Duration::from_millis(20));
    start_with(queue, config, handler, decide, Duration::from_secs(5))
}

/// As [`start`], for jobs with images.
pub(crate) fn start_storing(
    queue: &Queue,
    config: WorkerConfig,
    handler: Handler,
    images: Arc<dyn Images>,
) -> Running {
    let decide = policy(Policy::default(), Duration::from_millis(20));
    let grace = Duration::from_secs(5);
    let (stop, stopped) = oneshot::channel();
    let queue = queue.clone();
    let ended = tokio::spawn(run_storing(
        queue, config, handler, decide, grace, stopped, images,
    ));
    Running {
        stop: Some(stop),
        ended,
    }
}

/// The product's own way to run a worker, in small.
pub(crate) fn start_with(
    queue: &Queue,
    config: WorkerConfig,
    handler: Handler,
    decide: Decide,
    grace: Duration,
) -> Running {
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(run(queue.clone(), config, handler, decide, grace, stopped));
    Running {
        stop: Some(stop),
        ended,
    }
}

pub(crate) async fn run(
    queue: Queue,
    config: WorkerConfig,
    handler: Handler,
    decide: Decide,
    grace: Duration,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    let images = Arc::new(NoImages);
    run_storing(queue, config, handler, decide, grace, stopped, images).await
}

async fn run_storing(
    queue: Queue,
    config: WorkerConfig,
    handler: Handler,
    decide: Decide,
    grace: Duration,
    stopped: oneshot::Receiver<()>,
    images: Arc<dyn Images>,
) -> std::io::Result<()> {
    let name = config.name.clone();
    let backend = Backend::new(queue, config, decide, images);
    let releaser = backend.releaser();
    let backend = Mutex::new(Some(backend));
    let monitor = Monitor::new()
        .with_terminator(async move { tokio::time::sleep(grace).await })
        .register(move |_| {
            let backend = backend.lock().unwrap().take();
            WorkerBuilder::new(name.as_str())
                .backend(backend.expect("a worker is built once"))
                .data(Arc::clone(&handler))
                .build(handle)
        });
    let signal = async {
        let _ = stopped.await;
        releaser.stop_taking().await;
        Ok(())
    };
    let ended = monitor.run_with_signal(signal).await;
    releaser.release().await;
    ended.map_err(|error| std::io::Error::other(error.to_string()))
}

async fn handle(job: Leased, handler: Data<Handler>) -> Result<Outcome, Failure> {
    (*handler)(job).await
}
