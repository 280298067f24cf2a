//! The shared state of a worker, and how it leases jobs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use kyc_domain::{AmbiguousCalls, AttemptContext, Decision, Failure};
use tokio::sync::Notify;

use crate::{
    Error, Leased, Queue, measure,
    script::{self, arguments},
    units::{LARGEST, bounded, bounded_count, micros, millis},
    worker::{
        clock::{Observed, RedisClock},
        closings::Closings,
        completions::Completions,
        heartbeat_state::HeartbeatState,
        images::Images,
        in_flight::InFlight,
        lease::Batch,
        lease_validity::LeaseValidity,
        log,
        missing_keys::MissingKeys,
        outage::Outage,
        pacer::Pacer,
        session::Session,
        slot::{HORIZON, Sending},
    },
};

/// Decides what follows from a failed attempt. The delay in the context is not set yet.
pub type Decide = Arc<dyn Fn(&Failure, AttemptContext) -> Decision + Send + Sync>;

/// How a worker takes jobs.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// The worker's name, which must be unique.
    pub name: String,
    /// The kinds it takes.
    pub kinds: Vec<&'static str>,
    /// All kinds with images. They send nothing while the blob store fails.
    pub image_kinds: Vec<&'static str>,
    /// The number of jobs at once.
    pub concurrency: usize,
    /// How long a lease lasts without a heartbeat.
    pub lease: Duration,
    /// The number of stalls after which a job is dead.
    pub max_stalls: u32,
    /// How much later than its slot a call may be sent.
    pub slot_tolerance: Duration,
    /// The circuit breaker of a kind.
    pub circuit: Circuit,
    /// What happens to a job whose worker was lost or stopped while its call may have been under way. For failed calls,
    /// [`Decide`] decides.
    pub ambiguous_calls: AmbiguousCalls,
}

impl WorkerConfig {
    /// Brings every value within what Redis can represent.
    #[must_use]
    fn bounded(self) -> Self {
        Self {
            concurrency: bounded_count(self.concurrency),
            lease: bounded(self.lease),
            max_stalls: self.max_stalls.min(LARGEST),
            slot_tolerance: bounded(self.slot_tolerance),
            circuit: Circuit {
                failures: self.circuit.failures.min(LARGEST),
                window: bounded(self.circuit.window),
                first_pause: bounded(self.circuit.first_pause),
                longest_pause: bounded(self.circuit.longest_pause),
            },
            ..self
        }
    }

    /// Returns whether ambiguous calls are held for a decision, as the scripts take it.
    pub(crate) fn holds_ambiguous(&self) -> u8 {
        u8::from(self.ambiguous_calls == AmbiguousCalls::Hold)
    }
}

/// The circuit breaker of a kind. It opens when enough calls fail within a window, and no fewer than succeed. While nothing
/// succeeds, the window does not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circuit {
    /// The number of failures that opens it; 0 for never.
    pub failures: u32,
    /// The length of the window, from its first failure.
    pub window: Duration,
    /// The first pause. Each further one without a success between is twice as long.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Circuit {
    fn default() -> Self {
        Self {
            failures: 5,
            window: Duration::from_secs(5),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
        }
    }
}

/// The state that the parts of a worker share.
pub(crate) struct Worker {
    pub(crate) queue: Queue,
    pub(crate) config: WorkerConfig,
    pub(crate) session: Session,
    pub(crate) in_flight: InFlight,
    pub(crate) wake: Notify,
    pub(crate) decide: Decide,
    pub(crate) images: Arc<dyn Images>,
    pub(crate) completions: Completions,
    pub(crate) heartbeats: HeartbeatState,
    pub(crate) sending: Arc<Sending>,
    /// Of the store of key records.
    pub(crate) outage: Outage,
    /// Whether it takes no more jobs.
    pub(crate) stopping: AtomicBool,
    /// Whether more jobs were ready than it could lease the last time.
    pub(crate) backlog: AtomicBool,
}

/// The longest pause between two leases without a wake-up.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
const AFTER_TROUBLE: Duration = Duration::from_millis(500);
/// The most jobs of one script call, so that no call takes long.
pub(crate) const BATCH: usize = 128;
/// From this number of jobs at once on, a worker stays busy while it gathers.
const MANY_PLACES: usize = 128;
/// With fewer, it gathers while other tasks run, for this many rounds, so that the processor is never idle.
const ROUNDS: usize = 8;
/// The number of free places that is worth a script call.
const ENOUGH: usize = 50;
/// How long it gathers: one tick of the runtime's clock.
const GATHERING: Duration = Duration::from_millis(1);

impl Worker {
    pub(crate) fn new(
        queue: Queue,
        config: WorkerConfig,
        decide: Decide,
        images: Arc<dyn Images>,
    ) -> Self {
        let config = config.bounded();
        Self {
            queue,
            session: Session::new(&config.name),
            in_flight: InFlight::default(),
            wake: Notify::new(),
            decide,
            images,
            completions: Completions::default(),
            heartbeats: HeartbeatState::default(),
            sending: Arc::new(Sending {
                lease_validity: LeaseValidity::new(config.lease),
                clock: RedisClock::new(),
                closings: Closings::default(),
                pacer: Pacer::new(config.slot_tolerance),
                missing_keys: MissingKeys::default(),
                tolerance: config.slot_tolerance,
            }),
            outage: Outage::default(),
            stopping: AtomicBool::new(false),
            backlog: AtomicBool::new(false),
            config,
        }
    }

    async fn lease(&self, wanted: usize, batch: u64) -> Result<Batch, Error> {
        let config = &self.config;
        let queue = self.queue.config();
        self.queue
            .run(&script::LEASE, |call| {
                let lease = arguments::Lease {
                    session: self.session.name(),
                    batch,
                    turn: self.session.turn(),
                    wanted,
                    lease_ms: millis(config.lease),
                    max_stalls: config.max_stalls,
                    hold_ambiguous: config.holds_ambiguous(),
                    retention_ms: millis(queue.keep_dead),
                    keep_results: queue.keep_results,
                    horizon_us: micros(HORIZON),
                    lead_us: micros(self.lead()),
                    missing_keys: &self.sending.missing_keys.list(self.queue.vault()),
                };
                lease.write(call);
                call.arg(&config.kinds);
            })
            .await
    }

    /// Returns how far ahead the first slot must be, so that it has not passed when the answer arrives.
    fn lead(&self) -> Duration {
        let shortest = Duration::from_millis(1);
        self.sending.clock.trip().clamp(shortest, HORIZON / 2)
    }

    /// Returns whether jobs of a kind can have images.
    pub(crate) fn has_images(&self, kind: &str) -> bool {
        self.config.image_kinds.contains(&kind)
    }

    /// Returns the number of free places, at most as many as one script call fills.
    pub(crate) fn free(&self) -> usize {
        let free = self.config.concurrency.saturating_sub(self.in_flight.len());
        free.min(BATCH)
    }

    /// Lets other tasks run for a moment if there is a backlog and `is_enough` is false, so that one script call does the work of
    /// several. With many places the moment is a tick of the clock, with few only some rounds of the scheduler.
    pub(crate) async fn gather(&self, mut is_enough: impl FnMut() -> bool) {
        if !self.backlog.load(SeqCst) || is_enough() {
            return;
        }
        if self.config.concurrency >= MANY_PLACES {
            tokio::time::sleep(GATHERING).await;
            return;
        }
        for _ in 0..ROUNDS {
            tokio::task::yield_now().await;
            if is_enough() {
                return;
            }
        }
    }

    /// Returns the number of jobs to lease.
    async fn wanted(&self) -> usize {
        let enough = (self.config.concurrency / 4).min(ENOUGH);
        self.gather(|| self.free() >= enough).await;
        self.free()
    }

    /// Leases jobs for the free places. Without jobs, returns how long to sleep.
    pub(crate) async fn take(self: Arc<Self>) -> (Vec<Leased>, Duration) {
        let mut wanted = self.wanted().await;
        let pause = self.key_records_pause().await;
        if pause.is_some() {
            // The script still does what it does for all workers.
            wanted = 0;
        }
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
        self.backlog.store(count == wanted && wanted > 0, SeqCst);
        let is_again = batch.is_again;
        let due = batch.ask_again_ms.map(Duration::from_millis);
        let clock = &self.sending.clock;
        if clock.observe(asked, Instant::now(), batch.now_us) == Observed::Set {
            self.sending.closings.forget();
            tracing::warn!(
                "Redis' clock was set, or another server took over: waits go by its new time"
            );
        }
        log::stalled(&batch.for_decision);
        for (scope, rate) in &batch.rates {
            self.sending.pacer.keep_to(scope, *rate);
        }
        let jobs = batch.into_jobs(number, &self.sending);
        for job in &jobs {
            self.in_flight.begin(&job.ticket);
        }
        if count > 0 || is_again {
            self.session.received();
        }
        if count > 0 {
            self.sending.lease_validity.prolonged(asked);
        }
        if self.stopping.load(SeqCst) {
            // The worker was stopped meanwhile.
            self.release_unstarted().await;
            return (Vec::new(), LONGEST_SLEEP);
        }
        let jobs = self.with_key_records(jobs).await;
        let sleep = if let Some(pause) = pause.or_else(|| self.outage.left()) {
            pause.min(LONGEST_SLEEP)
        } else if count == wanted || is_again {
            Duration::ZERO
        } else {
            due.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
        };
        (jobs, sleep)
    }
}
