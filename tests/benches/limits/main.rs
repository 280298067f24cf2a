//! The cost of a fleet's limits, and how well they are used: with jobs that do nothing, real worker processes, and a Redis
//! with its append-only file.
//!
//! `--quick` reduces all measurements. `--most N` limits the longest queue. `--concurrency N` sets that of each worker.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod arguments;
mod enqueue;
mod lease;
mod overhead;
mod overheard;
mod report;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses its own part of it")]
mod shared;
mod used;

use crate::{
    arguments::Extent,
    overhead::Held,
    report::Summary,
    shared::arguments::{Arguments, say_what_is_needed},
};

/// Calls per second.
const LIMITS: [u32; 3] = [100, 1_000, 5_000];
/// The depth of the short queue.
const SHORT: usize = 1_000;
const TENANTS: usize = 100;
const PROCESSES: [usize; 2] = [1, 2];

fn main() {
    shared::start(measure);
}

async fn measure(arguments: &Arguments) {
    let extent = Extent::of(arguments);
    let concurrency = extent.concurrency;
    println!(
        "no-op jobs, {concurrency} at once in each worker process; Redis appends to its file\n"
    );
    say_what_is_needed(extent.most);
    let mut summary = Summary::default();
    for _ in 0..extent.rounds {
        for processes in PROCESSES {
            for held in Held::EACH {
                let cost = overhead::measure(concurrency, extent.depth, processes, held).await;
                overhead::keep_fastest(&mut summary.costs, cost);
            }
        }
    }
    println!("--- limits that are reached, 2 worker processes ---");
    for limit in LIMITS {
        let used = used::measure(concurrency, limit, extent.span).await;
        summary.used.push(used);
    }
    println!("--- lease calls ---");
    summary.called = lease::short(concurrency, SHORT, extent.calls).await;
    let long = lease::long(concurrency, extent.most, TENANTS, extent.calls).await;
    summary.called.extend(long);
    println!("--- enqueuing ---");
    for tenants in [1, TENANTS] {
        let enqueued = enqueue::measure(concurrency, extent.enqueued, tenants).await;
        summary.enqueued.push(enqueued);
    }
    report::summary(&summary);
}
