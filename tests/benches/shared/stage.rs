//! A Redis with jobs.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use kyc_domain::Request;
use kyc_queue::Queue;
use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_tests::{Usage, eventually_within};
use kyc_vault::Keyring;
use redis::aio::MultiplexedConnection;
use tokio::{runtime::Handle, task::JoinSet};

use crate::shared::{
    fleet::Fleet,
    gauge::Gauge,
    jobs::{Job, request},
    noop::Settings,
    record::Record,
    slow::Slow,
};

/// The number of connections that enqueue at the same time.
const FILLERS: usize = 4;
/// The number of requests that each of them holds in memory at once.
const CHUNK: usize = 5_000;
/// Longer than any step takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// A private Redis, usually with its append-only file, and a queue.
pub(crate) struct Stage {
    pub(crate) settings: Settings,
    pub(crate) queue: Queue,
    pub(crate) slow: Slow,
    redis: PrivateRedis,
    raw: MultiplexedConnection,
    enqueued: usize,
}

/// The cost of enqueuing.
pub(crate) struct Filled {
    pub(crate) jobs: usize,
    pub(crate) seconds: f64,
    pub(crate) redis_micros: f64,
    pub(crate) own_micros: f64,
}

impl Stage {
    pub(crate) async fn set(concurrency: usize, append_only: bool) -> Self {
        let options = Options {
            binary: kyc_tests::redis_program(),
            append_only,
            ..Options::default()
        };
        let redis =
            PrivateRedis::start(options).expect("a redis-server: cargo xtask bench installs one");
        let settings = Settings {
            redis_url: redis.url(),
            namespace: "kyc".to_owned(),
            keys: Keyring::generate("bench").expect("a key"),
            name: "bench".to_owned(),
            concurrency,
            keep_completed: None,
            record: None,
        };
        let client = redis::Client::open(redis.url()).expect("an address");
        let raw = client
            .get_multiplexed_async_connection()
            .await
            .expect("the private Redis answers");
        Self {
            queue: settings.connect().await,
            slow: Slow::on(raw.clone()).await,
            settings,
            redis,
            raw,
            enqueued: 0,
        }
    }

    /// Makes the workers that are started from now on record their calls.
    pub(crate) fn record(&mut self) -> Record {
        let record = Record::new();
        self.settings.record = Some(record.folder().to_owned());
        record
    }

    /// Returns a connection for other commands.
    pub(crate) fn raw(&self) -> MultiplexedConnection {
        self.raw.clone()
    }

    /// Starts worker processes.
    pub(crate) fn fleet(&self, processes: usize) -> Fleet {
        assert!(self.redis.pid() > 0);
        Fleet::start(processes, &self.settings)
    }

    /// Enqueues `jobs` new jobs through several connections.
    pub(crate) async fn fill(&mut self, jobs: usize, job: Job) -> Filled {
        let own = [std::process::id()];
        let (before, used) = (Gauge::read(&self.queue).await, Usage::of(&own));
        let started = Instant::now();
        let mut fillers = JoinSet::new();
        for filler in 0..FILLERS {
            let settings = self.settings.clone();
            let share = |part: usize| self.enqueued + jobs * part / FILLERS;
            let numbers = share(filler)..share(filler + 1);
            let runtime = Handle::current();
            // Uses threads, since the future of `fill` is not `Send`.
            fillers.spawn_blocking(move || runtime.block_on(fill(settings, numbers, job)));
        }
        fillers.join_all().await;
        self.enqueued += jobs;
        let seconds = started.elapsed().as_secs_f64();
        Filled {
            jobs,
            seconds,
            redis_micros: Gauge::read(&self.queue).await.cpu_micros() - before.cpu_micros(),
            own_micros: Usage::of(&own).cpu_micros_since(&used, 0),
        }
    }

    /// Waits until Redis does not rewrite its file.
    pub(crate) async fn settled(&self) {
        eventually_within(PATIENCE, "the file is rewritten", async || {
            (!Gauge::read(&self.queue).await.is_rewriting()).then_some(())
        })
        .await;
    }

    /// Stops Redis from rewriting its file, or restores the default. A rewrite uses a core, and would fall into a window by
    /// chance.
    pub(crate) async fn hold_rewrites(&mut self, hold: bool) {
        redis::cmd("CONFIG")
            .arg("SET")
            .arg("auto-aof-rewrite-percentage")
            .arg(if hold { 0 } else { 100 })
            .exec_async(&mut self.raw)
            .await
            .expect("a setting of Redis");
    }

    /// Returns the number of completed jobs that are retained.
    pub(crate) async fn completed(&self) -> usize {
        let depths = self
            .queue
            .depths(&[])
            .await
            .expect("the private Redis answers");
        depths.completed as usize
    }

    /// Returns the number of jobs that wait or run.
    pub(crate) async fn waiting(&self) -> usize {
        let kinds: Vec<&str> = kyc_kinds::names().collect();
        let depths = self
            .queue
            .depths(&kinds)
            .await
            .expect("the private Redis answers");
        let ready: u64 = depths.ready.values().sum();
        (ready + depths.scheduled + depths.running) as usize
    }

    /// Waits until `jobs` jobs have completed, looking at each interval, and returns the number of completed jobs.
    pub(crate) async fn until_completed(&self, jobs: usize, every: Duration) -> usize {
        let patience = Instant::now() + PATIENCE;
        loop {
            let completed = self.completed().await;
            if completed >= jobs {
                return completed;
            }
            assert!(Instant::now() < patience, "the workers take too long");
            tokio::time::sleep(every).await;
        }
    }
}

/// Enqueues the jobs with these numbers.
pub(crate) async fn fill(settings: Settings, numbers: Range<usize>, job: Job) {
    let queue = settings.connect().await;
    for from in numbers.clone().step_by(CHUNK) {
        let until = numbers.end.min(from + CHUNK);
        let requests: Vec<Request> = (from..until).map(|nth| request(nth, job)).collect();
        for answer in queue.enqueue_all(&requests).await {
            answer.expect("accepted");
        }
    }
}
