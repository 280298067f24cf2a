//! Jobs per second and CPU time per job of a short queue.

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

/// How often the short queue is filled and drained.
const BURSTS: usize = 50;
const LOOK_OFTEN: Duration = Duration::from_millis(2);

/// Measures a short queue. It drains too quickly for one measurement, so it is refilled many times: the connected workers are
/// frozen (SIGSTOP) meanwhile, and then drain it at once.
pub(crate) async fn short(stage: &mut Stage, depth: usize, processes: usize) -> Drained {
    let fleet = stage.fleet(processes);
    stage.hold_rewrites(true).await;
    let mut results = stage
        .queue
        .results("$")
        .await
        .expect("the private Redis answers");
    // The workers are still starting during the first bursts.
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

/// One draining of a short queue.
struct Burst {
    costs: Costs,
    /// The jobs that were completed after the first millisecond with a completion.
    jobs: usize,
    milliseconds: u64,
    /// Redis time for the filling, in microseconds.
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
    // The times come from the clock of Redis, which is part of the id of each entry.
    let mut times = Vec::with_capacity(depth);
    while times.len() < depth {
        let published = results.next().await.expect("the private Redis answers");
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
