//! The cost of one call of the lease script, by the number of leased jobs and of waiting jobs. Includes calls that return no
//! job, as those of idle workers.

use kyc_queue::ACCOUNT;

use crate::{
    overhead::{far_limits, far_rate, rate},
    overheard::Lease,
    shared::{gauge::Gauge, jobs::Job, stage::Stage},
};

/// The numbers of jobs of one call.
pub(crate) const BATCHES: [usize; 3] = [1, 10, 100];

/// The cost of calls of one sort.
pub(crate) struct Called {
    pub(crate) what: String,
    /// The requested number of jobs per call.
    pub(crate) batch: usize,
    /// Redis time per call in microseconds.
    pub(crate) call: f64,
    /// Redis time per leased job in microseconds.
    pub(crate) job: Option<f64>,
}

/// Sums over several calls.
#[derive(Default)]
struct Sum {
    calls: f64,
    jobs: f64,
    micros: f64,
    /// The part of `micros` that was spent in the script, in wall-clock time.
    script: f64,
}

impl Sum {
    /// Makes `calls` calls for up to `batch` jobs each.
    async fn add(&mut self, stage: &Stage, lease: &mut Lease, batch: usize, calls: usize) {
        let before = Gauge::read(&stage.queue).await;
        let mut jobs = 0;
        for _ in 0..calls {
            jobs += lease.call(batch).await;
        }
        let after = Gauge::read(&stage.queue).await;
        self.calls += after.scripts() - before.scripts();
        self.micros += after.cpu_micros() - before.cpu_micros();
        self.script += after.script_micros() - before.script_micros();
        self.jobs += jobs as f64;
    }

    fn called(&self, what: &str, batch: usize) -> Called {
        let called = Called {
            what: what.to_owned(),
            batch,
            call: self.micros / self.calls,
            job: (self.jobs > 0.0).then(|| self.micros / self.jobs),
        };
        let each = called.job.map(|job| format!(", {job:.1} us per job"));
        println!(
            "  {what}, up to {batch} jobs: {:.1} us of Redis per call{}, {:.1} us in the script; {} calls leased {} jobs",
            called.call,
            each.unwrap_or_default(),
            self.script / self.calls,
            self.calls,
            self.jobs
        );
        called
    }
}

/// Measures a short queue of one tenant, which is refilled.
pub(crate) async fn short(concurrency: usize, depth: usize, calls: usize) -> Vec<Called> {
    let mut stage = Stage::set(concurrency, true).await;
    let mut lease = Lease::overhear(&mut stage).await;
    let mut all = Vec::new();
    for batch in BATCHES {
        let (mut sum, mut waiting) = (Sum::default(), 0);
        // Large batches need more jobs than there are, so they make fewer calls.
        let enough = calls.min(depth * 20 / batch) as f64;
        while sum.calls < enough {
            stage.fill(depth - waiting, Job::Spread(1)).await;
            // The queue never runs empty.
            let some = (depth / 2 / batch)
                .min((enough - sum.calls) as usize)
                .max(1);
            let before = sum.jobs;
            sum.add(&stage, &mut lease, batch, some).await;
            waiting = depth - (sum.jobs - before) as usize;
        }
        all.push(sum.called(&format!("{depth} waiting, 1 tenant"), batch));
        // Empties the queue for the next size.
        while lease.call(100).await > 0 {}
    }
    all
}

/// Measures a long queue of many tenants: without limits, with limits that are not reached, and when no job may be leased.
pub(crate) async fn long(
    concurrency: usize,
    depth: usize,
    tenants: usize,
    calls: usize,
) -> Vec<Called> {
    let mut stage = Stage::set(concurrency, true).await;
    let mut lease = Lease::overhear(&mut stage).await;
    let mut all = vec![given(&stage, &mut lease, "nothing waits", 100, calls).await];
    stage.hold_rewrites(true).await;
    let filled = stage.fill(depth, Job::Spread(tenants)).await;
    crate::shared::drain::tell_filled(&filled);
    let what = format!("{depth} waiting, {tenants} tenants");
    for batch in BATCHES {
        all.push(given(&stage, &mut lease, &what, batch, calls).await);
    }
    limit(&stage, true).await;
    let limited = format!("{what}, all limits");
    for batch in BATCHES {
        all.push(given(&stage, &mut lease, &limited, batch, calls).await);
    }
    limit(&stage, false).await;
    // Uses up the jobs that the new rates allow at first.
    while lease.call(100).await > 0 {}
    all.push(given(&stage, &mut lease, "all limits used up", 100, calls).await);
    for kind in kyc_kinds::names() {
        stage
            .queue
            .pause(kind)
            .await
            .expect("the private Redis answers");
    }
    all.push(given(&stage, &mut lease, "all kinds paused", 100, calls).await);
    all
}

async fn given(stage: &Stage, lease: &mut Lease, what: &str, batch: usize, calls: usize) -> Called {
    let mut sum = Sum::default();
    sum.add(stage, lease, batch, calls).await;
    sum.called(what, batch)
}

/// Limits each kind and the account. The limits are not reached, or one call uses them up for an hour.
async fn limit(stage: &Stage, far: bool) {
    for kind in kyc_kinds::names() {
        let limits = if far { far_rate() } else { rate("1/h") };
        let set = stage.queue.set_limits(kind, &limits).await;
        set.expect("the private Redis answers");
    }
    let set = stage.queue.set_limits(ACCOUNT, &far_limits()).await;
    set.expect("the private Redis answers");
}
