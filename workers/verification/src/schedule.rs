//! The pauses between attempts, by the policy of the `backoff` crate. No other file uses that crate.

use std::time::Duration;

use backoff::{ExponentialBackoff, backoff::Backoff};

/// Exponential pauses with full jitter: the pause before the next attempt is anywhere between zero and its step, so that jobs
/// which failed together are not retried together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The first step; each further one is twice as long.
    pub first: Duration,
    /// The longest step.
    pub longest: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(300),
        }
    }
}

impl Schedule {
    /// Returns the pause after the attempt with this number, counted from 1.
    pub fn delay(&self, attempt: u32) -> Duration {
        // The policy spreads an interval by its factor to both sides: half a step with the factor 1 gives 0 to a full step.
        let mut policy = ExponentialBackoff {
            current_interval: self.first / 2,
            initial_interval: self.first / 2,
            randomization_factor: 1.0,
            multiplier: 2.0,
            max_interval: self.longest / 2,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        let pauses = std::iter::from_fn(|| policy.next_backoff());
        pauses
            .take(attempt.max(1) as usize)
            .last()
            .unwrap_or(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pause_lies_within_its_step_and_uses_its_width() {
        let schedule = Schedule::default();
        for (attempt, step) in [
            (1, 1),
            (2, 2),
            (3, 4),
            (8, 128),
            (9, 256),
            (12, 300),
            (100, 300),
        ] {
            let step = Duration::from_secs(step);
            let pauses: Vec<Duration> = (0..200).map(|_| schedule.delay(attempt)).collect();
            // The policy adds a nanosecond to the width of its range.
            assert!(
                pauses
                    .iter()
                    .all(|pause| *pause <= step + Duration::from_micros(1)),
                "attempt {attempt}"
            );
            assert!(
                pauses.iter().any(|pause| *pause > step / 2),
                "attempt {attempt}"
            );
            assert!(
                pauses.iter().any(|pause| *pause < step / 2),
                "attempt {attempt}"
            );
        }
    }
}
