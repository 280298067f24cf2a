//! The arguments of the benchmark.

use crate::stage::Scene;

pub(crate) struct Arguments {
    pub(crate) rounds: usize,
    /// The number of jobs of each measurement.
    pub(crate) jobs: usize,
    /// Measures only this number at once.
    only: Option<usize>,
    /// Measures only a provider without latency, with images in memory.
    quick: bool,
    /// The limits of the calls.
    pub(crate) limits: Limited,
}

/// Limits that are never reached. Their cost is part of the whole job.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limited {
    /// No limits.
    No,
    /// A daily quota, and a cap on calls in flight.
    Counted,
    /// A rate: each call has its own slot, and its job holds a place until then.
    Paced,
}

impl Arguments {
    /// Parses the arguments. Those of cargo are ignored.
    pub(crate) fn read(words: &[String]) -> Self {
        let number = |name: &str| {
            let position = words.iter().position(|word| word == name)?;
            let value = words.get(position + 1).and_then(|word| word.parse().ok());
            Some(value.unwrap_or_else(|| panic!("{name} requires a number")))
        };
        Self {
            rounds: number("--rounds").unwrap_or(3),
            jobs: number("--jobs").unwrap_or(12_000),
            only: number("--at-once"),
            quick: words.iter().any(|word| word == "--quick"),
            limits: match words {
                _ if words.iter().any(|word| word == "--unlimited") => Limited::No,
                _ if words.iter().any(|word| word == "--paced") => Limited::Paced,
                _ => Limited::Counted,
            },
        }
    }

    /// Returns the numbers of lookups at once with which a scene is measured.
    pub(crate) fn at_once(&self, scene: &Scene) -> Vec<usize> {
        let is_plain = !scene.as_php && !scene.fsync && scene.latency.is_zero();
        let all: &[usize] = match scene {
            _ if self.quick && !is_plain => &[],
            _ if is_plain => &[64, 256, 1_024],
            scene if scene.as_php || scene.fsync => &[256],
            _ => &[256, 2_048],
        };
        let wanted = |at_once: &usize| self.only.is_none_or(|only| only == *at_once);
        all.iter().copied().filter(wanted).collect()
    }
}
