//! Jobs a second and CPU a job of a short line.

use std::time::Duration;

use kyc_queue::Results;
use kyc_tests::Usage;

use crate::shared::{
    drain::{Costs, Drained, tell_drained},
    fleet::Fleet,
    gauge::{Gauge, Machine},
    jobs::Job,
    stage::Stage,
};

/// How often a short line is filled and emptied.
const BURSTS: usize = 50;
const LOOK_OFTEN: Duration = Duration::from_millis(2);

/// A line that is short cannot be measured for long: it is filled again and again while the workers, who are
/// connected, are held (SIGSTOP), and emptied by them at once.
pub(crate) async fn short(stage: &mut Stage, depth: usize, processes: usize) -> Drained {
    let fleet = stage.fleet(processes);
    stage.hold_rewrites(true).await;
    let mut results = stage.queue.results("$").await.expect("Redis is ours");
    // The first times the workers are still starting.
    for _ in 0..3 {
        burst(stage, &fleet, &mut results, depth).await;
    }
    stage.slow.since().await;
    let machine = Machine::read();
    let (used, own) = (fleet.usage(), Usage::of(&[std::process::id()]));
    let (mut costs, mut jobs, mut milliseconds) = (Costs::default(), 0, 0);
    let mut fills = 0.0;
    for _ in 0..BURSTS {
        let burst = burst(stage, &fleet, &mut results, depth).await;
        costs.add(&burst.costs);
        jobs += burst.jobs;
        milliseconds += burst.milliseconds;
        fills += burst.fill;
    }
    let worker = fleet.cpu_micros_since(&used);
    let own = Usage::of(&[std::process::id()]).cpu_micros_since(&own, 0);
    let known = worker + costs.redis + fills + own;
    let (others, idle) = Machine::read().others_and_idle_since(&machine, known);
    fleet.stop();
    stage.hold_rewrites(false).await;

    let all = (BURSTS * depth) as f64;
    let drained = Drained {
        depth,
        processes,
        rate: jobs as f64 * 1000.0 / milliseconds.max(1) as f64,
        worker_micros: worker / all,
        redis_micros: costs.redis / all,
        script_micros: costs.script / all,
        scripts: costs.scripts / all,
        others,
        idle,
        rewrote: costs.rewrote,
    };
    tell_drained(&drained, &stage.slow.since().await);
    drained
}

/// One emptying of a short line.
struct Burst {
    costs: Costs,
    /// Completed after the first millisecond in which any was, until the last.
    jobs: usize,
    milliseconds: u64,
    /// Microseconds of Redis for the filling.
    fill: f64,
}

async fn burst(stage: &mut Stage, fleet: &Fleet, results: &mut Results, depth: usize) -> Burst {
    let completed = stage.completed().await;
    fleet.signal("STOP").await;
    let fill = stage.fill(depth, Job::Plain).await.redis_micros;
    let before = Gauge::read(&stage.queue).await;
    fleet.signal("CONT").await;
    stage.until_completed(completed + depth, LOOK_OFTEN).await;
    let costs = Costs::between(&before, &Gauge::read(&stage.queue).await);
    // By Redis' own clock, which is part of the name of each entry.
    let mut times = Vec::with_capacity(depth);
    while times.len() < depth {
        let published = results.next().await.expect("Redis is ours");
        times.extend(published.iter().map(|one| milliseconds(&one.entry)));
    }
    let (first, last) = (times[0], times[times.len() - 1]);
    Burst {
        costs,
        jobs: times.iter().filter(|time| **time > first).count(),
        milliseconds: last - first,
        fill,
    }
}

fn milliseconds(entry: &str) -> u64 {
    let time = entry.split('-').next().unwrap_or_default();
    time.parse().expect("a stream names its entries by time")
}
