//! The latency of a job with an idle worker.

use std::time::{Duration, Instant};

use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot},
};

use crate::shared::{
    jobs::{Job, request},
    noop::work,
    stage::{PATIENCE, Stage},
};

const JOBS: usize = 2_000;

/// The time from the call of `enqueue` to the first line of the handler, in milliseconds.
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) longest: f64,
}

/// Measures the latency. The worker is in this process, so that both times come from one clock, but on its own runtime.
pub(crate) async fn measure(concurrency: usize) -> Latency {
    let mut stage = Stage::set(concurrency, true).await;
    let (stop, stopped) = oneshot::channel();
    let (tell, mut told) = mpsc::unbounded_channel();
    let settings = stage.settings.clone();
    let worker = std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(work(settings, stopped, Some(tell)));
    });
    let mut took = Vec::with_capacity(JOBS);
    // The worker is still starting during the first jobs.
    const WARM_UP: usize = 100;
    for nth in 0..WARM_UP + JOBS {
        tokio::time::sleep(uneven(nth)).await;
        let request = request(nth, Job::Plain);
        let enqueued = Instant::now();
        stage.queue.enqueue(&request).await.expect("accepted");
        let started: Instant = tokio::time::timeout(PATIENCE, told.recv())
            .await
            .expect("it starts in time")
            .expect("the worker is running");
        if nth >= WARM_UP {
            took.push(started.duration_since(enqueued).as_secs_f64() * 1000.0);
        } else if nth + 1 == WARM_UP {
            stage.slow.since().await;
        }
    }
    drop(stop);
    worker.join().expect("the worker ends well");
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let latency = Latency {
        p50: at(0.5),
        p99: at(0.99),
        longest: at(1.0),
    };
    println!(
        "  from enqueue to start: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms\n          longest: {}",
        latency.p50,
        latency.p99,
        latency.longest,
        stage.slow.since().await.to_line()
    );
    latency
}

/// Returns a pause of 2 to 12 ms: long enough for the worker to become idle, and not periodic.
fn uneven(nth: usize) -> Duration {
    Duration::from_micros(2_000 + (nth as u64 * 7_919) % 10_000)
}
