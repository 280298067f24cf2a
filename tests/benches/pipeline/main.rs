//! What the whole pipeline costs against a bare loop that does the same work without a queue, a seal or a promise.
//!
//! Both run against the same sandbox, on the same machine, in the same run; the ratio is what counts.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]

mod bare;
mod stage;

use std::time::Duration;

use kyc_tests::Usage;

use crate::{bare::bare_loop, stage::Stage};

/// Jobs of each leg, after a warm-up.
const JOBS: usize = 12_000;
/// Jobs at once.
const CONCURRENCY: usize = 64;
/// Decoded size of a picture, about.
const IMAGE_BYTES: usize = 100_000;

#[tokio::main]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "upstream latency 0 ms, pictures of about {IMAGE_BYTES} bytes, {CONCURRENCY} at once, {JOBS} jobs a leg\n"
    );
    for fsync in [false, true] {
        compare(fsync).await;
    }
    memory().await;
}

/// The same number of lookups, bare and through the queue.
async fn compare(fsync: bool) {
    let stage = Stage::set(IMAGE_BYTES, Duration::ZERO, fsync);
    let jobs = if fsync { JOBS / 4 } else { JOBS };
    println!(
        "--- pictures {} ---",
        if fsync {
            "on disk, forced there (fsync)"
        } else {
            "in memory (tmpfs)"
        }
    );
    bare_loop(&stage, 1_000, CONCURRENCY, fsync).await;
    let bare = bare_loop(&stage, jobs, CONCURRENCY, fsync).await;
    println!(
        "bare loop        {:>8.0} lookups/s   {:>6.0} us CPU a lookup",
        bare.rate, bare.cpu_micros
    );

    let queue = stage.queue().await;
    let enqueued = stage.enqueue(&queue, jobs).await;
    println!(
        "enqueue          {enqueued:>8.0} jobs/s      (sealed, one connection, 256 on their way)"
    );
    let mut worker = stage.worker(CONCURRENCY, fsync);
    let (from, until) = (jobs / 20, jobs - jobs / 20);
    stage.completed(&queue, from).await;
    let before = Usage::of(&[worker.pid(), stage.redis_pid()]);
    let started = std::time::Instant::now();
    let first = stage.count(&queue).await;
    stage.completed(&queue, until).await;
    let done = (stage.count(&queue).await - first) as f64;
    let rate = done / started.elapsed().as_secs_f64();
    let after = Usage::of(&[worker.pid(), stage.redis_pid()]);
    let micros = |process: usize| after.cpu_micros_since(&before, process) / done;
    println!(
        "whole pipeline   {rate:>8.0} lookups/s   {:>6.0} us CPU a lookup, and {:.0} us of Redis",
        micros(0),
        micros(1)
    );
    println!("ratio            {:>8.2}\n", rate / bare.rate);
    worker.stop();
}

/// Peak memory of a worker with 1,000 jobs under way.
async fn memory() {
    const AT_ONCE: usize = 1_000;
    let stage = Stage::set(IMAGE_BYTES, Duration::from_millis(1_000), false);
    let queue = stage.queue().await;
    stage.enqueue(&queue, AT_ONCE * 5).await;
    let mut worker = stage.worker(AT_ONCE, false);
    let mut most = 0;
    while stage.count(&queue).await < (AT_ONCE * 5) as u64 {
        let depths = queue.depths(&[]).await.expect("Redis is ours");
        most = most.max(depths.running);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let peak = Usage::peak_memory_mib(worker.pid());
    println!("--- memory ---\npeak of a worker with {most} jobs at once: {peak:.0} MiB");
    worker.stop();
}
