//! The apalis backend: leases jobs as places become free, wakes when there is work, and hands back what it
//! holds when it closes. It never reports an error to the worker: trouble with Redis is waited out.

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
        liveness::Liveness,
        release::{LONGEST_RELEASE, Releaser},
        state::{Decide, Worker, WorkerConfig},
        wake, writer,
    },
};

/// The queue as apalis sees it.
pub struct Backend {
    worker: Arc<Worker>,
    taken: VecDeque<Leased>,
    state: Polling,
    /// Lease renewal, wake-up, tidying and the writing of completions; they end with the backend.
    beside: JoinSet<()>,
}

enum Polling {
    Idle,
    Leasing(JoinHandle<(Vec<Leased>, Duration)>),
    Asleep(BoxFuture<'static, ()>),
    Releasing(BoxFuture<'static, ()>),
}

impl Backend {
    /// A backend for one worker.
    pub fn new(queue: Queue, config: WorkerConfig, decide: Decide) -> Self {
        Self {
            worker: Arc::new(Worker::new(queue, config, decide)),
            taken: VecDeque::new(),
            state: Polling::Idle,
            beside: JoinSet::new(),
        }
    }

    /// The worker's name.
    pub fn name(&self) -> &str {
        &self.worker.config.name
    }

    /// What hands the leases back when the worker is not given the time to finish.
    pub fn releaser(&self) -> Releaser {
        Releaser(Arc::clone(&self.worker))
    }

    /// Whether the worker is well, for whoever watches it.
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
        // None of them ends by itself, but a worker whose leases nobody renews must not go on as if they were.
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
                    // It does not panic; if it did, what it took would come back as any batch that was lost.
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
                    // Only what can start at once is leased. A job that ends wakes this poll.
                    if self.worker.free() == 0 {
                        return Poll::Pending;
                    }
                    let worker = Arc::clone(&self.worker);
                    // On a task of its own: apalis does not poll this while a worker drains.
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
                // A lease under way may have taken jobs: they are awaited, then given back.
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
        // Either way it is time to look; a wake-up that came before the sleep is not missed.
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
