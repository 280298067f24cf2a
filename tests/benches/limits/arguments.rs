//! How much is measured.

use std::time::Duration;

use crate::shared::arguments::Arguments;

/// What one run measures.
pub(crate) struct Extent {
    pub(crate) concurrency: usize,
    /// How often jobs a second are measured.
    pub(crate) rounds: usize,
    /// Jobs that wait when jobs a second are measured.
    pub(crate) depth: usize,
    /// The longer of the lines that are leased from.
    pub(crate) most: usize,
    /// Lease calls of each size, and calls that give nothing.
    pub(crate) calls: usize,
    /// How long each rate is measured.
    pub(crate) span: Duration,
    /// Jobs that are enqueued to see what that costs.
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
