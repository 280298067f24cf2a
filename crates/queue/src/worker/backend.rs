//! The apalis backend. It leases jobs as places become free, wakes up when there is work, and gives
//! jobs back when it closes. It never returns an error to the worker: it waits until Redis works
//! again.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder},
    worker::context::WorkerContext,
};
use futures::{FutureExt, future::BoxFuture};
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    Leased, Queue, SettleLayer,
    worker::{
        heartbeat,
        images::Images,
        liveness::Liveness,
        release::{LONGEST_RELEASE, Releaser},
        state::{Decide, Worker, WorkerConfig},
        wake, writer,
    },
};

/// The queue as a backend of apalis.
pub struct Backend {
    worker: Arc<Worker>,
    taken: VecDeque<Leased>,
    state: Polling,
    /// Tasks for the renewal of leases, wake-ups, deletions and the writing of completions. They
    /// end with the backend.
    beside: JoinSet<()>,
}

enum Polling {
    Idle,
    Leasing(JoinHandle<(Vec<Leased>, Duration)>),
    Asleep(BoxFuture<'static, ()>),
    Releasing(BoxFuture<'static, ()>),
}

impl Backend {
    /// Creates the backend of one worker. `images` deletes the images of jobs that are deleted or were cancelled.
    pub fn new(
        queue: Queue,
        config: WorkerConfig,
        decide: Decide,
        images: Arc<dyn Images>,
    ) -> Self {
        Self {
            worker: Arc::new(Worker::new(queue, config, decide, images)),
            taken: VecDeque::new(),
            state: Polling::Idle,
            beside: JoinSet::new(),
        }
    }

    /// Returns the worker's name.
    pub fn name(&self) -> &str {
        &self.worker.config.name
    }

    /// Returns a handle that gives the leases back if the worker has no time to finish.
    pub fn releaser(&self) -> Releaser {
        Releaser(Arc::clone(&self.worker))
    }

    /// Returns a handle that reports the worker's liveness.
    pub fn liveness(&self) -> Liveness {
        Liveness(Arc::clone(&self.worker))
    }
}

impl apalis_core::backend::Backend for Backend {
    type Task = Task<Leased>;
    type Error = Infallible;

    fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Infallible>> {
        // None of these tasks ends by itself, but a worker must not continue without the renewal of
        // its leases.
        if let Poll::Ready(Some(_)) = self.beside.poll_join_next(cx) {
            tracing::error!("A task beside the worker failed; starting all of them again");
            self.beside = JoinSet::new();
        }
        if self.beside.is_empty() {
            let worker = || Arc::clone(&self.worker);
            self.beside.spawn(heartbeat::run(worker()));
            self.beside.spawn(heartbeat::tidy(worker()));
            self.beside.spawn(writer::write(worker()));
            self.beside.spawn(wake::listen(worker()));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<Leased>, Infallible>>> {
        loop {
            if let Some(job) = self.taken.pop_front() {
                return Poll::Ready(Some(Ok(TaskBuilder::new(job).build())));
            }
            match &mut self.state {
                Polling::Leasing(leasing) => {
                    // The task does not panic. If it did, its jobs would be granted again like any
                    // batch whose answer was lost.
                    let (jobs, sleep) = ready!(leasing.poll_unpin(cx)).unwrap_or_default();
                    self.taken.extend(jobs);
                    self.state = asleep(&self.worker, sleep);
                }
                Polling::Asleep(sleeping) => {
                    ready!(sleeping.poll_unpin(cx));
                    self.state = Polling::Idle;
                }
                Polling::Releasing(_) => return Poll::Ready(None),
                Polling::Idle => {
                    // Leases only jobs that can start at once. The end of a job wakes this poll.
                    if self.worker.free() == 0 {
                        return Poll::Pending;
                    }
                    let worker = Arc::clone(&self.worker);
                    // On a separate task, because apalis does not poll this while a worker drains.
                    self.state = Polling::Leasing(tokio::spawn(worker.take()));
                }
            }
        }
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Infallible>> {
        loop {
            match &mut self.state {
                // A lease request under way may have taken jobs. It is awaited, then they are given
                // back.
                Polling::Leasing(leasing) => {
                    let _ = ready!(leasing.poll_unpin(cx));
                    self.state = Polling::Idle;
                }
                Polling::Releasing(releasing) => {
                    ready!(releasing.poll_unpin(cx));
                    self.beside.abort_all();
                    return Poll::Ready(Ok(()));
                }
                Polling::Idle | Polling::Asleep(_) => {
                    self.taken.clear();
                    let worker = Arc::clone(&self.worker);
                    self.state = Polling::Releasing(
                        async move { worker.release_all(LONGEST_RELEASE).await }.boxed(),
                    );
                }
            }
        }
    }
}

fn asleep(worker: &Arc<Worker>, longest: Duration) -> Polling {
    if longest.is_zero() {
        return Polling::Idle;
    }
    let worker = Arc::clone(worker);
    let sleeping = async move {
        // Looks for work after a wake-up and after the timeout alike. A wake-up that came before
        // the sleep is not missed.
        let _ = tokio::time::timeout(longest, worker.wake.notified()).await;
    };
    Polling::Asleep(sleeping.boxed())
}

impl BackendConfig for Backend {
    type Args = Leased;
    type Id = ();
    type Kind = Ephemeral;
    type Config = WorkerConfig;
    type Layer = SettleLayer;

    fn config(&self) -> &WorkerConfig {
        &self.worker.config
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> SettleLayer {
        SettleLayer::new(Arc::clone(&self.worker))
    }
}
