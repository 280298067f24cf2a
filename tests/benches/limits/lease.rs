//! What one call of the lease script costs, by how much it gives and what waits; also when it gives nothing, as to
//! workers that are idle.

use kyc_queue::ACCOUNT;

use crate::{
    overhead::{far_limits, far_rate, rate},
    overheard::Lease,
    shared::{gauge::Gauge, jobs::Job, stage::Stage},
};

/// Jobs of one call.
pub(crate) const BATCHES: [usize; 3] = [1, 10, 100];

/// What calls of one sort cost.
pub(crate) struct Called {
    pub(crate) what: String,
    /// Jobs a call, as asked for.
    pub(crate) batch: usize,
    /// Microseconds of Redis for a call.
    pub(crate) call: f64,
    /// The same for a job that was given.
    pub(crate) job: Option<f64>,
}

/// Sums over calls.
#[derive(Default)]
struct Sum {
    calls: f64,
    jobs: f64,
    micros: f64,
    /// Of them in the script, by the clock on the wall.
    script: f64,
}

impl Sum {
    /// Leases until so many calls were made, or so many jobs given.
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
        let each = called.job.map(|job| format!(", {job:.1} us a job"));
        println!(
            "  {what}, up to {batch} jobs: {:.1} us of Redis a call{}, {:.1} us in the script; {} calls gave {} jobs",
            called.call,
            each.unwrap_or_default(),
            self.script / self.calls,
            self.calls,
            self.jobs
        );
        called
    }
}

/// A short line of one tenant, filled again and again.
pub(crate) async fn short(concurrency: usize, depth: usize, calls: usize) -> Vec<Called> {
    let mut stage = Stage::set(concurrency, true).await;
    let mut lease = Lease::overhear(&mut stage).await;
    let mut all = Vec::new();
    for batch in BATCHES {
        let (mut sum, mut waiting) = (Sum::default(), 0);
        // A long batch takes more jobs than there are: fewer calls do.
        let enough = calls.min(depth * 20 / batch) as f64;
        while sum.calls < enough {
            stage.fill(depth - waiting, Job::Spread(1)).await;
            // Never to the end of the line.
            let some = (depth / 2 / batch)
                .min((enough - sum.calls) as usize)
                .max(1);
            let before = sum.jobs;
            sum.add(&stage, &mut lease, batch, some).await;
            waiting = depth - (sum.jobs - before) as usize;
        }
        all.push(sum.called(&format!("{depth} waiting, 1 tenant"), batch));
        // The next size finds a line as long.
        while lease.call(100).await > 0 {}
    }
    all
}

/// A long line of many tenants: without limits, with limits that are far away, and when nothing may be taken.
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
    // What the rates let through at first.
    while lease.call(100).await > 0 {}
    all.push(given(&stage, &mut lease, "all limits used up", 100, calls).await);
    for kind in kyc_kinds::names() {
        stage.queue.pause(kind).await.expect("Redis is ours");
    }
    all.push(given(&stage, &mut lease, "all kinds paused", 100, calls).await);
    all
}

async fn given(stage: &Stage, lease: &mut Lease, what: &str, batch: usize, calls: usize) -> Called {
    let mut sum = Sum::default();
    sum.add(stage, lease, batch, calls).await;
    sum.called(what, batch)
}

/// Limits for each kind and the account: far away, or used up for an hour by one call.
async fn limit(stage: &Stage, far: bool) {
    for kind in kyc_kinds::names() {
        let limits = if far { far_rate() } else { rate("1/h") };
        let set = stage.queue.set_limits(kind, &limits).await;
        set.expect("Redis is ours");
    }
    let set = stage.queue.set_limits(ACCOUNT, &far_limits()).await;
    set.expect("Redis is ours");
}
