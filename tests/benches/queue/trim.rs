//! The removal of a great number of finished jobs at once.

use std::time::{Duration, Instant};

use crate::shared::{
    gauge::Gauge,
    stage::{PATIENCE, Stage},
};

/// The figures of a removal.
pub(crate) struct Trimmed {
    pub(crate) jobs: usize,
    pub(crate) seconds: f64,
    /// In milliseconds.
    pub(crate) longest_trim: f64,
    pub(crate) longest: f64,
}

/// Has workers complete all waiting jobs, then starts workers that retain no completed jobs.
pub(crate) async fn measure(stage: &mut Stage, processes: usize) -> Trimmed {
    let every = Duration::from_millis(20);
    let fleet = stage.fleet(processes);
    let jobs = stage.completed().await + stage.waiting().await;
    stage.until_completed(jobs, every).await;
    fleet.stop();
    stage.settled().await;
    println!(
        "  all jobs have finished; longest commands: {}",
        stage.slow.since().await.to_line()
    );

    let before = Gauge::read(&stage.queue).await;
    stage.settings.keep_completed = Some(Duration::from_millis(1));
    let started = Instant::now();
    let fleet = stage.fleet(processes);
    while stage.completed().await > 0 {
        assert!(started.elapsed() < PATIENCE, "trimming takes too long");
        tokio::time::sleep(every).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let after = Gauge::read(&stage.queue).await;
    fleet.stop();
    let longest = stage.slow.since().await;
    let trimmed = Trimmed {
        jobs,
        seconds,
        longest_trim: longest.of("trim"),
        longest: longest.first().map_or(0.0, |(_, ms)| ms),
    };
    println!(
        "  trimmed {jobs} in {seconds:.1} s, {:.1} us of Redis each{}\n          longest: {}",
        (after.cpu_micros() - before.cpu_micros()) / jobs as f64,
        if after.rewrote_since(&before) {
            "; Redis rewrote its file at the same time"
        } else {
            ""
        },
        longest.to_line()
    );
    let (forks, still) = after.forks();
    println!("  Redis forked {forks:.0} times, and paused for {still:.1} ms at the last fork");
    trimmed
}
