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
use kyc_domain::{Decision, Failure, Progress};
use tokio::{sync::Notify, task::JoinSet};

use crate::{
    Error, Leased, Queue, SettleLayer, measure, script,
    work::{
        completions::{self, Completions},
        flights::Flights,
        keeper,
        lease::Batch,
        pulse::{Pulse, Vitals},
        session::Session,
        wake,
    },
};

/// Decides what becomes of a job whose attempt failed; the delay in the progress is still to be set.
pub type Decide = Arc<dyn Fn(&Failure, Progress) -> Decision + Send + Sync>;

/// How a worker takes jobs.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// The worker's name, unlike that of any other.
    pub name: String,
    /// The kinds it takes.
    pub kinds: Vec<&'static str>,
    /// Jobs at once.
    pub concurrency: usize,
    /// How long a job is given to a worker that gives no sign of life.
    pub lease: Duration,
    /// How often a job's worker may die or hang before the job is dead.
    pub max_stalls: u32,
}

/// What the parts of one worker share.
pub(crate) struct Worker {
    pub(crate) queue: Queue,
    pub(crate) config: WorkerConfig,
    pub(crate) session: Session,
    pub(crate) flights: Flights,
    pub(crate) wake: Notify,
    pub(crate) decide: Decide,
    pub(crate) completions: Completions,
    pub(crate) vitals: Vitals,
}

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
    Leasing(BoxFuture<'static, (Vec<Leased>, Duration)>),
    Asleep(BoxFuture<'static, ()>),
    Releasing(BoxFuture<'static, ()>),
}

/// Without a wake-up, a worker looks again after this long.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
const AFTER_TROUBLE: Duration = Duration::from_millis(500);
/// How long handing back may take at the end of a worker.
const LONGEST_RELEASE: Duration = Duration::from_secs(5);
const LONGEST_RELEASE_AT_ONCE: Duration = Duration::from_secs(1);
/// One script call hands out at most this many jobs, so that none is long.
const BATCH: usize = 100;

impl Backend {
    /// A backend for one worker.
    pub fn new(queue: Queue, config: WorkerConfig, decide: Decide) -> Self {
        let worker = Worker {
            queue,
            session: Session::new(&config.name),
            config,
            flights: Flights::default(),
            wake: Notify::new(),
            decide,
            completions: Completions::default(),
            vitals: Vitals::default(),
        };
        Self {
            worker: Arc::new(worker),
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
    pub fn pulse(&self) -> Pulse {
        Pulse(Arc::clone(&self.worker))
    }
}

/// Hands back what a worker still holds: call it after the worker has ended.
pub struct Releaser(Arc<Worker>);

impl Releaser {
    /// Gives every lease back at once; no attempt is spent.
    pub async fn release(self) {
        self.0.release_all(LONGEST_RELEASE).await;
    }

    /// As [`Releaser::release`], with little time: whoever asks does not want to wait.
    pub async fn release_at_once(self) {
        self.0.release_all(LONGEST_RELEASE_AT_ONCE).await;
    }
}

impl Worker {
    async fn lease(&self, wanted: usize, batch: u64) -> Result<Batch, Error> {
        let config = &self.config;
        let queue = self.queue.config();
        self.queue
            .run(&script::LEASE, |call| {
                call.arg(self.session.name())
                    .arg(batch)
                    .arg(self.session.turn())
                    .arg(wanted)
                    .arg(millis(config.lease))
                    .arg(config.max_stalls)
                    .arg(millis(queue.keep_dead))
                    .arg(queue.keep_results)
                    .arg(&config.kinds);
            })
            .await
    }

    /// Leases what there is room for; also says how long to sleep when there was nothing.
    async fn take(self: Arc<Self>, wanted: usize) -> (Vec<Leased>, Duration) {
        let number = self.session.next();
        match self.lease(wanted, number).await {
            Ok(batch) => {
                let full = batch.len() == wanted;
                let due = batch
                    .ask_again_ms
                    .map_or(LONGEST_SLEEP, Duration::from_millis);
                let empty = batch.len() == 0;
                let jobs = batch.into_jobs(number);
                for job in &jobs {
                    self.flights.begin(&job.ticket);
                }
                if !empty {
                    self.session.received();
                }
                let sleep = if full {
                    Duration::ZERO
                } else {
                    due.min(LONGEST_SLEEP)
                };
                (jobs, sleep)
            }
            Err(error) => {
                measure::trouble("lease");
                tracing::warn!(%error, "Could not lease jobs; trying again");
                (Vec::new(), AFTER_TROUBLE)
            }
        }
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
            self.beside.spawn(keeper::keep(worker()));
            self.beside.spawn(keeper::tidy(worker()));
            self.beside.spawn(completions::write(worker()));
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
                    let (jobs, sleep) = ready!(leasing.poll_unpin(cx));
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
                    let free = self
                        .worker
                        .config
                        .concurrency
                        .saturating_sub(self.worker.flights.len());
                    if free == 0 {
                        return Poll::Pending;
                    }
                    let worker = Arc::clone(&self.worker);
                    self.state = Polling::Leasing(worker.take(free.min(BATCH)).boxed());
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
                    ready!(leasing.poll_unpin(cx));
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
