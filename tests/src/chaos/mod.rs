//! Chaos: runs real workers against a real Redis, with jobs from two processes through every entry path and with faults at
//! random times from a seed. A ledger then shows whether a promise was broken.
//!
//! Hides the processes and the order of events: [`run`] takes [`Options`] and returns a [`Report`].

mod enqueuer;
mod entry_paths;
mod faults;
mod jobs;
mod ledger;
mod plan;
mod quiet;
mod report;
mod sharing;
mod tenants;
mod workers;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use kyc_queue::{Limits, Queue};
use kyc_sandbox::Config;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

pub use enqueuer::{ROLE, enqueue_until_stdin_ends};
pub use plan::{Fault, Faults, Planned, plan};
pub use report::{Promise, Recovery, Report, Row};

use self::{
    enqueuer::{Enqueuer, Orders},
    entry_paths::{Address, TENANTS},
    faults::{Happened, Stage},
    jobs::Accepted,
    ledger::Ledger,
    quiet::{Traffic, left_behind, quiet, settled},
    workers::Workers,
};
use crate::{World, eventually, kyc_program, proxy::Proxy};

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The time during which jobs are enqueued and faults happen, in seconds.
    pub seconds: u64,
    /// The number of worker processes.
    pub workers: usize,
    /// The seed that decides which fault happens when.
    pub seed: u64,
    /// The faults that may happen.
    pub faults: Faults,
    /// The length of a lease.
    pub lease: Duration,
    /// The number of jobs that a worker runs at once.
    pub concurrency: usize,
    /// The number of jobs that are enqueued in a second.
    pub rate: u32,
    /// The number of consecutive jobs of an entry path that share a number and an answer. With 1, none do.
    pub same: u32,
    /// The number of calls of each kind that the fleet may send in a second. `None` sets no limit.
    pub limit: Option<u32>,
    /// The time that the provider takes for an answer.
    pub latency: Duration,
    /// The longest wait until all jobs have ended, once the faults are over.
    pub quiet: Duration,
    /// The program that enqueues if its only argument is [`ROLE`].
    pub enqueuer: PathBuf,
    /// Whether logs and data are kept when a promise was broken.
    pub keep: bool,
}

impl Options {
    /// Returns the default options, with all faults.
    pub fn new(enqueuer: impl Into<PathBuf>) -> Self {
        Self {
            seconds: 60,
            workers: 4,
            seed: 1,
            faults: Faults(Fault::ALL.to_vec()),
            lease: Duration::from_secs(2),
            concurrency: 8,
            rate: 80,
            same: 1,
            limit: None,
            latency: Duration::from_millis(150),
            quiet: Duration::from_secs(120),
            enqueuer: enqueuer.into(),
            keep: false,
        }
    }

    /// Returns the settings of the workers. The faults cause stalls, so no job dies of them.
    fn settings(&self, redis_url: &str) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            // About as long as the faults.
            ("pause_longest", "5s".to_owned()),
            ("redis_url", redis_url.to_owned()),
            ("lease", format!("{}ms", self.lease.as_millis())),
            ("concurrency", self.concurrency.to_string()),
            ("max_stalls", "1000".to_owned()),
            ("retry_first", "100ms".to_owned()),
            ("retry_longest", "1s".to_owned()),
        ];
        if self.shares() {
            settings.push(("reuse", sharing::setting()));
            // Few calls are answered, so one number that always fails would look like a provider that fails.
            settings.push(("circuit_failures", "0".to_owned()));
        }
        settings
    }

    /// Returns whether jobs share numbers and answers.
    fn shares(&self) -> bool {
        self.same > 1
    }
}

/// How long a worker may take to end after SIGTERM.
const TO_END: Duration = Duration::from_secs(60);

/// Makes a run. `say` is called with each step.
///
/// # Panics
/// When a program cannot be started, or the queue does not answer once all faults are over.
pub async fn run(options: &Options, say: impl Fn(&str)) -> Report {
    let config = Config {
        latency: options.latency,
        ..Config::default()
    };
    let mut world = World::durable(config).await;
    let queue = world.queue().await;
    if let Some(calls) = options.limit {
        limit(&queue, calls).await;
    }
    for tenant in TENANTS {
        world.run(["tenants", "add", tenant]).await.good();
    }
    let upstream = ([127, 0, 0, 1], world.redis_server().port()).into();
    let proxy = Proxy::before(upstream).await.expect("a port is free");
    let settings = options.settings(&proxy.url());
    let world = Arc::new(Mutex::new(world));
    let workers = Workers::start(Arc::clone(&world), settings, options.workers).await;
    let stage = Arc::new(Stage {
        world,
        proxy,
        workers,
        queue,
    });
    eventually("the workers start", async || {
        stage.workers.at_work().await.then_some(())
    })
    .await;

    let met = tokio::select! {
        met = trouble(options, &stage, &say) => met,
        () = stage.workers.keep() => unreachable!("the loop that restarts workers does not end"),
    };
    say("stopping the workers and checking the ledger");
    let tally = stage.workers.end(TO_END).await;
    let report = books(options, &stage, met, tally).await;
    if options.keep && !report.broken().is_empty() {
        let mut world = stage.world.lock().await;
        world.keep();
        say(&format!(
            "logs and data are left behind: {}",
            world.dir().display()
        ));
    }
    report
}

/// Limits each kind to `calls` in a second.
async fn limit(queue: &Queue, calls: u32) {
    let rate = format!("{calls}/s").parse();
    let limits = Limits {
        rate: Some(rate.expect("a number of calls a second is a rate")),
        ..Limits::default()
    };
    for kind in kyc_kinds::names() {
        let set = queue.set_limits(kind, &limits).await;
        set.expect("Redis answers before there are faults");
    }
}

/// The accepted jobs and the faults of a run.
struct Met {
    accepted: Vec<Accepted>,
    happened: Vec<Happened>,
    /// The time from the end of the faults until all jobs had ended, or until the wait was given up.
    until_quiet: Duration,
    /// Whether all jobs ended.
    is_quiet: bool,
}

/// Enqueues jobs and injects faults, until all faults are over and all jobs have ended.
async fn trouble(options: &Options, stage: &Arc<Stage>, say: &impl Fn(&str)) -> Met {
    let enqueuers = enqueuers(options, stage).await;
    let mut faults = options.faults.clone();
    // A follower dies with its leader and retains no answer.
    faults
        .0
        .retain(|fault| *fault != Fault::OddAnswer || !options.shares());
    let plan = plan(
        options.seed,
        options.seconds,
        &faults,
        options.workers,
        options.lease,
    );
    say(&format!(
        "{} s with {} faults and {} workers, seed {}",
        options.seconds,
        plan.len(),
        options.workers,
        options.seed
    ));
    let end = sleep(Duration::from_secs(options.seconds));
    let (happened, ()) = tokio::join!(faults::inject(stage, &plan), end);
    say("the faults are over; waiting until all jobs have ended");
    let over = Instant::now();
    let mut accepted = Vec::new();
    for enqueuer in enqueuers {
        accepted.extend(enqueuer.stop().await);
    }
    let mut is_quiet = true;
    if happened.iter().any(|one| one.fault == Fault::OddAnswer) {
        say(
            "the workers get the setting for the unreadable answers and read the retained ones again",
        );
        // Jobs that are under way with an unreadable answer have to die first.
        is_quiet = settled(&stage.queue, options.quiet).await;
        stage.read_again().await;
    }
    let mut traffic = Traffic::new(options.seed, options.same);
    is_quiet &= quiet(&stage.queue, options.quiet, &mut traffic, say).await;
    accepted.extend(traffic.accepted);
    if !is_quiet {
        say("some jobs did not end in time");
    }
    Met {
        accepted,
        happened,
        until_quiet: over.elapsed(),
        is_quiet,
    }
}

/// Starts two processes: one connects to Redis directly, the other through the proxy of the workers.
async fn enqueuers(options: &Options, stage: &Stage) -> Vec<Enqueuer> {
    let world = stage.world.lock().await;
    let urls = [world.setting("redis_url").to_owned(), stage.proxy.url()];
    let mut enqueuers = Vec::new();
    for (process, redis_url) in (0..).zip(urls) {
        let address = Address {
            redis_url,
            keys: world.keys().to_owned(),
            kyc: kyc_program(),
            dir: world.dir().to_owned(),
            reuses: options.shares(),
        };
        let orders = Orders {
            process,
            seed: options.seed,
            rate: options.rate.div_ceil(2),
            same: options.same,
            address,
        };
        let log = world.logs().join(format!("enqueuer-{process}.log"));
        enqueuers.push(Enqueuer::start(&options.enqueuer, &orders, Path::new(&log)).await);
    }
    enqueuers
}

async fn books(options: &Options, stage: &Stage, met: Met, tally: workers::Tally) -> Report {
    let world = stage.world.lock().await;
    let results = world.published(&stage.queue).await;
    let mut own = Vec::new();
    for tenant in TENANTS {
        own.push((tenant, world.published_of(&stage.queue, tenant).await));
    }
    let of_tenants = tenants::rows(&met.accepted, &results, &own);
    let stats = world.stats();
    // Jobs that have not ended are reported as waiting.
    let left = match met.is_quiet {
        true => left_behind(&mut world.redis().await).await,
        false => Vec::new(),
    };
    let ledger = Ledger::keep(&stage.queue, met.accepted, &results, &stats).await;
    let (workers, places) = (options.workers as u64, options.concurrency as u64);
    let mut rows = ledger.rows(&met.happened, tally, (workers, places));
    if options.shares() {
        rows.extend(ledger.sharing());
    }
    rows.extend(of_tenants);
    rows.push(Row::zero("left_behind", "left behind in Redis", &left));
    if let Some(limit) = options.limit {
        let of_kinds = stats
            .busiest_second
            .iter()
            .filter(|(kind, _)| *kind != "all");
        let most = of_kinds.map(|(_, calls)| *calls).max().unwrap_or_default();
        let row = Row::count("busiest", "most calls of a kind in any second", most);
        rows.push(row.promised(Promise::AtMost(limit.into())));
    }
    let until_quiet = u64::try_from(met.until_quiet.as_millis()).unwrap_or(u64::MAX);
    rows.push(Row::count(
        "until_quiet_ms",
        "from the last fault until all jobs had ended, ms",
        until_quiet,
    ));
    Report {
        seed: options.seed,
        rows,
        recoveries: ledger.recoveries(&met.happened, places),
    }
}
