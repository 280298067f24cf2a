//! The extent of a run.

use std::time::Duration;

use crate::shared::arguments::Arguments;

/// The extent of a run.
pub(crate) struct Extent {
    pub(crate) concurrency: usize,
    /// The number of rounds in which throughput is measured.
    pub(crate) rounds: usize,
    /// The number of waiting jobs when throughput is measured.
    pub(crate) depth: usize,
    /// The depth of the longer queue that jobs are leased from.
    pub(crate) most: usize,
    /// The number of lease calls of each size, and of calls that return no job.
    pub(crate) calls: usize,
    /// The time for which each rate is measured.
    pub(crate) span: Duration,
    /// The number of jobs that are enqueued to measure the cost of that.
    pub(crate) enqueued: usize,
}

impl Extent {
    pub(crate) fn of(arguments: &Arguments) -> Self {
        let (rounds, depth, most, calls, seconds) = if arguments.quick {
            (1, 40_000, 100_000, 100, 2)
        } else {
            (2, 100_000, 1_000_000, 400, 5)
        };
        Self {
            concurrency: arguments.concurrency,
            rounds,
            depth: depth.min(arguments.most),
            most: most.min(arguments.most),
            calls,
            span: Duration::from_secs(seconds),
            enqueued: depth.min(arguments.most),
        }
    }
}
