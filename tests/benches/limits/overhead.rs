//! The cost of limits that are never reached: no-op jobs per second without limits and with very high ones.

use kyc_queue::{ACCOUNT, Daily, Limits, Rate};

use crate::shared::{
    drain::{self, Drained, Line},
    jobs::Job,
    stage::Stage,
};

/// The kind of all jobs.
pub(crate) const KIND: &str = "bvn";

/// The limits of the jobs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Free,
    /// A rate of their kind.
    Rate,
    /// A rate of their kind, and a rate, a daily quota and a cap on calls in flight of the account.
    All,
}

impl Held {
    pub(crate) const EACH: [Self; 3] = [Self::Free, Self::Rate, Self::All];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Free => "no limits",
            Self::Rate => "rate of the kind",
            Self::All => "and the account's limits",
        }
    }
}

/// Returns limits with a rate.
pub(crate) fn rate(text: &str) -> Limits {
    let rate: Rate = text.parse().expect("a rate");
    Limits {
        rate: Some(rate),
        ..Limits::default()
    }
}

/// Returns the highest rate that can be set.
pub(crate) fn far_rate() -> Limits {
    rate("100000/s")
}

/// Returns all limits, so high that they are not reached.
pub(crate) fn far_limits() -> Limits {
    Limits {
        daily: Some(Daily {
            calls: 1_000_000_000,
            zone: "Africa/Lagos".to_owned(),
        }),
        in_flight: Some(1_000_000),
        ..far_rate()
    }
}

/// One measurement, with its limits.
pub(crate) struct Cost {
    pub(crate) held: Held,
    pub(crate) drained: Drained,
    /// Slots per job that were returned unused.
    pub(crate) missed: f64,
}

pub(crate) async fn measure(
    concurrency: usize,
    depth: usize,
    processes: usize,
    held: Held,
) -> Cost {
    println!("--- {}, {processes} worker process(es) ---", held.name());
    let mut stage = Stage::set(concurrency, true).await;
    let record = stage.record();
    let set = async |scope, limits| {
        let set = stage.queue.set_limits(scope, &limits).await;
        set.expect("the private Redis answers");
    };
    if held != Held::Free {
        set(KIND, far_rate()).await;
    }
    if held == Held::All {
        set(ACCOUNT, far_limits()).await;
    }
    let line = Line {
        depth,
        job: Job::Plain,
    };
    let drained = drain::deep(&mut stage, line, processes).await;
    let record = record.read();
    let missed = record.missed.len() as f64 / record.sent.len().max(1) as f64;
    if missed > 0.0 {
        println!("  slots missed: {missed:.4} per call");
    }
    Cost {
        held,
        drained,
        missed,
    }
}

/// Keeps the fastest of several rounds, since other load on the machine only slows a round down.
pub(crate) fn keep_fastest(costs: &mut Vec<Cost>, cost: Cost) {
    let same = |other: &&mut Cost| {
        other.held == cost.held && other.drained.processes == cost.drained.processes
    };
    match costs.iter_mut().find(same) {
        Some(slower) if slower.drained.rate < cost.drained.rate => *slower = cost,
        Some(_) => {}
        None => costs.push(cost),
    }
}
