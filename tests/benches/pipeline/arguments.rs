//! What the caller asks for.

use crate::stage::Scene;

pub(crate) struct Arguments {
    pub(crate) rounds: usize,
    /// Of each leg.
    pub(crate) jobs: usize,
    /// Only so many at once.
    only: Option<usize>,
    /// Only a provider that answers at once, and images in memory.
    quick: bool,
    /// What limits the calls.
    pub(crate) limits: Limited,
}

/// Limits that are never reached: what it costs to keep them belongs to the whole job.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limited {
    /// By nothing.
    No,
    /// Calls of a day, and calls in flight.
    Counted,
    /// Calls in a second: each has a slot of its own, and a place is held until its time.
    Paced,
}

impl Arguments {
    /// Reads them; cargo's own are passed over.
    pub(crate) fn read(words: &[String]) -> Self {
        let number = |name: &str| {
            let position = words.iter().position(|word| word == name)?;
            let value = words.get(position + 1).and_then(|word| word.parse().ok());
            Some(value.unwrap_or_else(|| panic!("{name} wants a number")))
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

    /// So many at once a scene is played with.
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
