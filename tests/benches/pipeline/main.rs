//! The cost of the whole job, compared with a bare loop that does the same work without queue and seal.
//!
//! All of them use the same sandbox on the same machine, one after another in several rounds, so the ratios can be compared.
//! The whole job has everything enabled: sealing, limits, log and metrics.
//!
//! `--check` counts instructions instead, and `--profile [FILE]` draws a flame graph of the worker and counts its system calls.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod arguments;
mod bare;
mod counted;
mod profile;
mod report;
mod stage;

use std::time::{Duration, Instant};

use kyc_tests::Usage;

use crate::{
    arguments::{Arguments, Limited},
    bare::{Decoder, bare_loop},
    report::{Leg, Report, Rounds},
    stage::{Scene, Stage},
};

/// The approximate size of a decoded image.
const IMAGE_BYTES: usize = 75_000;

#[tokio::main]
async fn main() {
    // `cargo test --benches` only checks that it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let arguments = Arguments::read(&words);
    println!(
        "images of about {IMAGE_BYTES} bytes, {} lookups a leg, medians of {} rounds\n",
        arguments.jobs, arguments.rounds
    );
    let memory = Scene {
        image_bytes: IMAGE_BYTES,
        latency: Duration::ZERO,
        as_php: false,
        fsync: false,
    };
    if words.iter().any(|word| word == "--check") {
        let is_kept = counted::check(memory).await;
        std::process::exit(i32::from(!is_kept));
    }
    if let Some(file) = profile::file(&words) {
        return profile::profile(memory, &arguments, &file).await;
    }
    let mut report = Report::new();
    for (provider, scene) in [
        ("0 ms", memory),
        (
            "0 ms, \\/ as PHP",
            Scene {
                as_php: true,
                ..memory
            },
        ),
        (
            "200 ms",
            Scene {
                latency: Duration::from_millis(200),
                ..memory
            },
        ),
        (
            "0 ms, onto the disk",
            Scene {
                fsync: true,
                ..memory
            },
        ),
    ] {
        for at_once in arguments.at_once(&scene) {
            println!("measuring: {provider}, {at_once} at once");
            let rounds = rounds(scene, at_once, &arguments).await;
            report.row(provider, at_once, &rounds);
        }
    }
    report.print();
    peak_memory(memory).await;
}

/// Measures several rounds, each on a new stage.
async fn rounds(scene: Scene, at_once: usize, arguments: &Arguments) -> Rounds {
    let mut rounds = Rounds::default();
    // With a disk that is synchronised or a slow provider, fewer jobs are enough.
    let is_slow = scene.fsync || !scene.latency.is_zero();
    let jobs = if is_slow {
        arguments.jobs / 3
    } else {
        arguments.jobs
    };
    for _ in 0..arguments.rounds {
        let stage = Stage::set(scene);
        // Warms up: the sandbox draws its portraits, and memory is allocated.
        bare_loop(&stage, 1_000, at_once.min(256), Decoder::Simd).await;
        rounds
            .scalar
            .push(bare_loop(&stage, jobs, at_once, Decoder::Scalar).await);
        rounds
            .whole
            .push(whole_job(&stage, jobs, at_once, arguments.limits).await);
        rounds
            .simd
            .push(bare_loop(&stage, jobs, at_once, Decoder::Simd).await);
    }
    rounds
}

/// Makes the same lookups as jobs of the queue, and measures once the worker is warm.
async fn whole_job(stage: &Stage, jobs: usize, at_once: usize, limits: Limited) -> Leg {
    let queue = stage.queue().await;
    stage.limit(&queue, limits).await;
    // Adds jobs before and after the window, so that neither the start nor the end is measured.
    let (warm, margin) = ((jobs / 10).max(at_once), at_once);
    stage.enqueue(&queue, jobs + warm + margin).await;
    let mut worker = stage.worker(at_once);
    stage.completed(&queue, warm).await;
    let before = Usage::of(&[worker.pid(), stage.redis_pid()]);
    let (started, first) = (Instant::now(), stage.count(&queue).await);
    stage.completed(&queue, warm + jobs).await;
    let seconds = started.elapsed().as_secs_f64();
    let done = (stage.count(&queue).await - first) as f64;
    let after = Usage::of(&[worker.pid(), stage.redis_pid()]);
    worker.stop();
    stage.clear();
    Leg {
        rate: done / seconds,
        worker: after.cpu_micros_since(&before, 0) / done,
        redis: after.cpu_micros_since(&before, 1) / done,
    }
}

/// Prints the peak memory of a worker with 1,000 jobs at once.
async fn peak_memory(scene: Scene) {
    const AT_ONCE: usize = 1_000;
    let latency = Duration::from_millis(1_000);
    let stage = Stage::set(Scene { latency, ..scene });
    let queue = stage.queue().await;
    stage.enqueue(&queue, AT_ONCE * 5).await;
    let mut worker = stage.worker(AT_ONCE);
    let mut most = 0;
    while stage.count(&queue).await < (AT_ONCE * 5) as u64 {
        let depths = queue.depths(&[]).await.expect("the private Redis answers");
        most = most.max(depths.running);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let peak = Usage::peak_memory_mib(worker.pid());
    println!("peak memory of a worker with {most} jobs at once: {peak:.0} MiB");
    worker.stop();
}
