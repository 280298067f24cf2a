//! Measures how a queue drains: jobs per second, and CPU time per job.

use std::time::{Duration, Instant};

use kyc_tests::Usage;

use crate::shared::{
    gauge::{Gauge, Machine},
    jobs::Job,
    slow::Longest,
    stage::{Filled, Stage},
};

/// The most jobs of a measured window.
const WINDOW: usize = 80_000;
/// The most jobs before the window, while the workers start.
const WARM_UP: usize = 10_000;
/// The interval between two looks, which also cost Redis time.
const LOOK: Duration = Duration::from_millis(10);

/// The figures of a window.
pub(crate) struct Drained {
    pub(crate) depth: usize,
    pub(crate) processes: usize,
    pub(crate) rate: f64,
    pub(crate) worker_micros: f64,
    pub(crate) redis_micros: f64,
    pub(crate) script_micros: f64,
    pub(crate) scripts: f64,
    pub(crate) others: f64,
    pub(crate) idle: f64,
    pub(crate) rewrote: bool,
}

/// The costs of Redis between two moments.
#[derive(Default)]
pub(crate) struct Costs {
    pub(crate) redis: f64,
    pub(crate) script: f64,
    pub(crate) scripts: f64,
    pub(crate) rewrote: bool,
}

impl Costs {
    pub(crate) fn between(before: &Gauge, after: &Gauge) -> Self {
        Self {
            redis: after.cpu_micros() - before.cpu_micros(),
            script: after.script_micros() - before.script_micros(),
            scripts: after.scripts() - before.scripts(),
            rewrote: after.rewrote_since(before),
        }
    }

    pub(crate) fn add(&mut self, more: &Self) {
        self.redis += more.redis;
        self.script += more.script;
        self.scripts += more.scripts;
        self.rewrote |= more.rewrote;
    }
}

/// The queue that is drained.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) depth: usize,
    pub(crate) job: Job,
}

/// Fills the queue up to its depth, and measures a window while it drains.
pub(crate) async fn deep(stage: &mut Stage, line: Line, processes: usize) -> Drained {
    let depth = line.depth;
    let waiting = stage.waiting().await;
    let filled = stage.fill(depth.saturating_sub(waiting), line.job).await;
    tell_filled(&filled);
    stage.hold_rewrites(true).await;
    stage.settled().await;
    stage.slow.since().await;
    let warm = WARM_UP.min(depth / 10);
    let window = WINDOW.min(depth * 8 / 10);
    let completed = stage.completed().await;
    let fleet = stage.fleet(processes);
    let first = stage.until_completed(completed + warm, LOOK).await;

    let (machine, own) = (Machine::read(), Usage::of(&[std::process::id()]));
    let (before, used) = (Gauge::read(&stage.queue).await, fleet.usage());
    let started = Instant::now();
    let last = stage.until_completed(first + window, LOOK).await;
    let seconds = started.elapsed().as_secs_f64();
    let (after, worker) = (
        Gauge::read(&stage.queue).await,
        fleet.cpu_micros_since(&used),
    );
    let costs = Costs::between(&before, &after);
    let known = worker + costs.redis + Usage::of(&[std::process::id()]).cpu_micros_since(&own, 0);
    let (others, idle) = Machine::read().others_and_idle_since(&machine, known);
    fleet.stop();
    stage.hold_rewrites(false).await;

    let jobs = (last - first) as f64;
    let drained = Drained {
        depth,
        processes,
        rate: jobs / seconds,
        worker_micros: worker / jobs,
        redis_micros: costs.redis / jobs,
        script_micros: costs.script / jobs,
        scripts: costs.scripts / jobs,
        others,
        idle,
        rewrote: costs.rewrote,
    };
    tell_drained(&drained, &stage.slow.since().await);
    drained
}

pub(crate) fn tell_filled(filled: &Filled) {
    if filled.jobs < 1_000 {
        return;
    }
    let jobs = filled.jobs as f64;
    println!(
        "  enqueued {:>9}: {:>7.0} jobs/s, {:.1} us of Redis and {:.1} us of the producer per job",
        filled.jobs,
        jobs / filled.seconds,
        filled.redis_micros / jobs,
        filled.own_micros / jobs
    );
}

pub(crate) fn tell_drained(one: &Drained, longest: &Longest) {
    println!(
        "  {:>7} waiting, {} process{}: {:>7.0} jobs/s; worker {:.1} us per job; Redis {:.1} us per job \
         ({:.1} us in {:.3} scripts); machine idle {:.0} %, others {:.0} %{}\n          longest: {}",
        one.depth,
        one.processes,
        if one.processes == 1 { "  " } else { "es" },
        one.rate,
        one.worker_micros,
        one.redis_micros,
        one.script_micros,
        one.scripts,
        one.idle * 100.0,
        one.others * 100.0,
        if one.rewrote {
            "; Redis rewrote its file at the same time"
        } else {
            ""
        },
        longest.to_line()
    );
}
