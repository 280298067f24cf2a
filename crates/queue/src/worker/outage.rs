//! How long a worker leases nothing because the store of key records does not answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The outage under way, if there is one.
#[derive(Default)]
pub(crate) struct Outage(Mutex<Option<Pause>>);

struct Pause {
    length: Duration,
    until: Instant,
}

impl Outage {
    fn lock(&self) -> MutexGuard<'_, Option<Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an outage, or goes on with it: each pause is twice as long as the one before. Returns whether it began.
    pub(crate) fn failed(&self) -> bool {
        let mut pause = self.lock();
        let length = match &*pause {
            Some(pause) => (pause.length * 2).min(LONGEST_PAUSE),
            None => FIRST_PAUSE,
        };
        let until = Instant::now() + length;
        pause.replace(Pause { length, until }).is_none()
    }

    /// Ends the outage. Returns whether there was one.
    pub(crate) fn ended(&self) -> bool {
        self.lock().take().is_some()
    }

    /// Returns how long to wait until the store is asked again; `None` without an outage.
    pub(crate) fn left(&self) -> Option<Duration> {
        let pause = self.lock();
        let until = pause.as_ref()?.until;
        Some(until.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_the_outage_ends() {
        let outage = Outage::default();
        assert!(outage.left().is_none() && !outage.ended());
        assert!(outage.failed());
        assert!(outage.left().is_some_and(|left| left <= FIRST_PAUSE));
        for _ in 0..10 {
            assert!(!outage.failed());
        }
        let left = outage.left().unwrap_or_default();
        assert!(
            left <= LONGEST_PAUSE && left > LONGEST_PAUSE / 2,
            "{left:?}"
        );
        assert!(outage.ended() && outage.left().is_none());
    }
}
