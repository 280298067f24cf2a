//! The cost of the queue alone: jobs that do nothing, real worker processes, and a Redis with its append-only file.
//!
//! `--quick` measures one depth only. `--most N` limits the deepest queue. `--concurrency N` sets that of each worker.
//! `--no-file` disables the append-only file, as the published figures of other queues do. `--cluster` measures one queue,
//! and two, on a Redis Cluster of three nodes instead.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod cluster;
mod latency;
mod memory;
mod report;
#[path = "../shared/mod.rs"]
#[expect(dead_code, reason = "each benchmark uses its own part of it")]
mod shared;
mod throughput;
mod trim;

use crate::{
    report::Summary,
    shared::{
        arguments::{self, Arguments},
        drain::{self, Line},
        jobs::Job,
        stage::Stage,
    },
};

/// The depths of queues that are filled once and measured while they drain.
const DEEP: [usize; 2] = [100_000, 1_000_000];
/// The depth of a queue that is refilled many times.
const SHORT: usize = 1_000;
const PROCESSES: [usize; 2] = [1, 2];

fn main() {
    shared::start(measure);
}

async fn measure(arguments: &Arguments) {
    let concurrency = arguments.concurrency;
    if arguments.cluster {
        return cluster::measure(concurrency).await;
    }
    let file = if arguments.no_file {
        "keeps no file"
    } else {
        "appends to its file, and begins no rewriting of it while jobs a second are measured"
    };
    println!("no-op jobs, {concurrency} at once in each worker process; Redis {file}\n");
    let mut summary = Summary::default();
    if arguments.quick {
        deep(arguments, DEEP[0].min(arguments.most), &mut summary).await;
    } else {
        arguments::say_what_is_needed(arguments.most);
        short(arguments, &mut summary).await;
        for depth in DEEP.into_iter().filter(|depth| *depth < arguments.most) {
            deep(arguments, depth, &mut summary).await;
        }
        let mut stage = deep(arguments, arguments.most, &mut summary).await;
        summary.trimmed = Some(trim::measure(&mut stage, PROCESSES[1]).await);
        drop(stage);
        println!("--- memory ---");
        for job in [Job::Plain, Job::Referenced] {
            summary.bytes.push(memory::measure(concurrency, job).await);
        }
        println!("--- latency ---");
        summary.latency = Some(latency::measure(concurrency).await);
    }
    report::summary(&summary);
}

async fn short(arguments: &Arguments, summary: &mut Summary) {
    println!("--- {SHORT} waiting ---");
    let mut stage = Stage::set(arguments.concurrency, !arguments.no_file).await;
    for processes in PROCESSES {
        let drained = throughput::short(&mut stage, SHORT, processes).await;
        summary.drained.push(drained);
    }
}

async fn deep(arguments: &Arguments, depth: usize, summary: &mut Summary) -> Stage {
    println!("--- {depth} waiting ---");
    let mut stage = Stage::set(arguments.concurrency, !arguments.no_file).await;
    let job = Job::Plain;
    let line = Line { depth, job };
    for processes in PROCESSES {
        let drained = drain::deep(&mut stage, line, processes).await;
        summary.drained.push(drained);
    }
    stage
}
