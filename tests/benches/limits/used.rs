//! How well a limit is used and whether it holds, by the times at which the workers sent their calls.

use std::time::Duration;

use kyc_sandbox::arrivals::{busiest, within};
use kyc_tests::eventually;

use crate::{
    overhead::{KIND, rate},
    shared::{jobs::Job, stage::Stage},
};

const SECOND: Duration = Duration::from_secs(1);
const PROCESSES: usize = 2;

/// The use of a limit.
pub(crate) struct Used {
    pub(crate) limit: u32,
    pub(crate) calls: usize,
    pub(crate) allowed: f64,
    /// The most calls in any second.
    pub(crate) busiest: usize,
    /// Slots that were returned unused.
    pub(crate) missed: usize,
}

/// Measures for `span`, from one second after the first call.
pub(crate) async fn measure(concurrency: usize, limit: u32, span: Duration) -> Used {
    let mut stage = Stage::set(concurrency, true).await;
    let limits = rate(&format!("{limit}/s"));
    let set = stage.queue.set_limits(KIND, &limits).await;
    set.expect("the private Redis answers");
    // More jobs than can be sent, so that the queue never runs empty.
    let seconds = span.as_secs() as usize + 4;
    stage.fill(limit as usize * seconds, Job::Plain).await;
    let record = stage.record();
    let fleet = stage.fleet(PROCESSES);
    eventually("the first call", async || {
        (stage.completed().await > 0).then_some(())
    })
    .await;
    tokio::time::sleep(SECOND + span + SECOND / 4).await;
    fleet.stop();
    let record = record.read();
    let from = record.sent.first().copied().unwrap_or_default() + SECOND;
    let used = Used {
        limit,
        calls: within(&record.sent, from, from + span),
        allowed: f64::from(limit) * span.as_secs_f64(),
        busiest: busiest(&record.sent, SECOND),
        missed: within(&record.missed, from, from + span),
    };
    println!(
        "  {limit:>5} per second: {} of {:.0} calls in {} s ({:.1} %), at most {} in any second, {} slots missed, and {} before",
        used.calls,
        used.allowed,
        span.as_secs(),
        used.calls as f64 / used.allowed * 100.0,
        used.busiest,
        used.missed,
        record.missed.iter().filter(|at| **at < from).count()
    );
    used
}
