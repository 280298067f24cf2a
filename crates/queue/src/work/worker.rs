//! One worker: what its parts share, and how it takes jobs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use kyc_domain::{Decision, Failure, Progress};
use tokio::sync::Notify;

use crate::{
    Error, Leased, Queue, measure, script,
    work::{
        completions::Completions, flights::Flights, lease::Batch, pulse::Vitals, session::Session,
        trust::Trust,
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
    pub(crate) trust: Arc<Trust>,
    /// It is to take no more jobs.
    pub(crate) stopping: AtomicBool,
}

/// Without a wake-up, a worker looks again after this long.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
const AFTER_TROUBLE: Duration = Duration::from_millis(500);

impl Worker {
    pub(crate) fn new(queue: Queue, config: WorkerConfig, decide: Decide) -> Self {
        Self {
            queue,
            session: Session::new(&config.name),
            flights: Flights::default(),
            wake: Notify::new(),
            decide,
            completions: Completions::default(),
            vitals: Vitals::default(),
            trust: Arc::new(Trust::new(config.lease)),
            stopping: AtomicBool::new(false),
            config,
        }
    }

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
    pub(crate) async fn take(self: Arc<Self>, wanted: usize) -> (Vec<Leased>, Duration) {
        let (number, asked) = (self.session.next(), Instant::now());
        let batch = match self.lease(wanted, number).await {
            Ok(batch) => batch,
            Err(error) => {
                measure::trouble("lease");
                tracing::warn!(%error, "Could not lease jobs; trying again");
                return (Vec::new(), AFTER_TROUBLE);
            }
        };
        let count = batch.len();
        let due = batch.ask_again_ms.map(Duration::from_millis);
        let jobs = batch.into_jobs(number, &self.trust);
        for job in &jobs {
            self.flights.begin(&job.ticket);
        }
        if count > 0 {
            self.session.received();
            self.trust.renewed(asked);
        }
        if self.stopping.load(SeqCst) {
            // They came while it was told to stop.
            self.release_unstarted().await;
            return (Vec::new(), LONGEST_SLEEP);
        }
        let sleep = if count == wanted {
            Duration::ZERO
        } else {
            due.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
        };
        (jobs, sleep)
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
