//! The table of results.

use crate::{latency::Latency, memory::Bytes, shared::drain::Drained, trim::Trimmed};

/// The results, as far as they were measured.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) drained: Vec<Drained>,
    pub(crate) bytes: Vec<Bytes>,
    pub(crate) latency: Option<Latency>,
    pub(crate) trimmed: Option<Trimmed>,
}

/// Prints the table.
pub(crate) fn summary(summary: &Summary) {
    println!("\n{:<44} {:>12}   {:<12}", "", "measured", "goal");
    for one in &summary.drained {
        let what = format!("{} waiting, {} process(es)", one.depth, one.processes);
        let two = one.processes == 2;
        row(&what, one.rate, "jobs/s", if two { ">= 50000" } else { "" });
        row("  Redis", one.redis_micros, "us/job", "<= 15");
        row("  worker", one.worker_micros, "us/job", "");
    }
    for processes in [1, 2] {
        if let Some(ratio) = flat(&summary.drained, processes) {
            let what = format!("deepest to shortest queue, {processes} process(es)");
            row(&what, ratio, "", ">= 0.8");
        }
    }
    for bytes in &summary.bytes {
        row(
            &format!("waiting job, {}", bytes.job),
            bytes.waiting,
            "bytes",
            "",
        );
        row(
            &format!("finished job, {}", bytes.job),
            bytes.finished,
            "bytes",
            "",
        );
    }
    if let Some(latency) = &summary.latency {
        row("enqueue to start, p50", latency.p50, "ms", "");
        row("enqueue to start, p99", latency.p99, "ms", "< 10");
        row("enqueue to start, longest", latency.longest, "ms", "");
    }
    if let Some(trimmed) = &summary.trimmed {
        let what = format!("trimming {} finished jobs", trimmed.jobs);
        row(&what, trimmed.seconds, "s", "");
        row("  longest trim", trimmed.longest_trim, "ms", "<= 5");
        row("  longest command", trimmed.longest, "ms", "<= 5");
    }
}

fn row(what: &str, number: f64, unit: &str, goal: &str) {
    let digits = if number >= 1000.0 { 0 } else { 2 };
    println!("{what:<44} {number:>12.digits$}   {unit:<8} {goal}");
}

/// Returns the ratio of a fleet's rate on the deepest queue to that on the shortest.
fn flat(drained: &[Drained], processes: usize) -> Option<f64> {
    let mut of = drained.iter().filter(|one| one.processes == processes);
    let (first, last) = (of.next()?, of.next_back()?);
    Some(last.rate / first.rate)
}
