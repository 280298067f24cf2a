//! The state of the heartbeat, which determines a worker's liveness.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A worker hangs if its heartbeat has not run for three leases and this time.
const HANGS_AFTER: Duration = Duration::from_secs(10);

/// The last run of the heartbeat.
pub(crate) struct HeartbeatState(Mutex<Turns>);

struct Turns {
    last: Instant,
    /// The last renewal of all leases; `None` before the first.
    renewed: Option<Instant>,
    failed: bool,
}

impl Default for HeartbeatState {
    fn default() -> Self {
        Self(Mutex::new(Turns {
            last: Instant::now(),
            renewed: None,
            failed: false,
        }))
    }
}

impl HeartbeatState {
    fn lock(&self) -> MutexGuard<'_, Turns> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that all leases were renewed by a request sent at `asked`.
    pub(crate) fn renewed(&self, asked: Instant) {
        *self.lock() = Turns {
            last: Instant::now(),
            renewed: Some(asked),
            failed: false,
        };
    }

    pub(crate) fn failed(&self) {
        let mut turns = self.lock();
        turns.last = Instant::now();
        turns.failed = true;
    }

    pub(crate) fn is_alive(&self, lease: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.lock().last) < lease * 3 + HANGS_AFTER
    }

    pub(crate) fn renews(&self, lease: Duration, now: Instant) -> Result<(), &'static str> {
        let turns = self.lock();
        match turns.renewed {
            _ if turns.failed => Err("Leases cannot be renewed."),
            None => Err("It is starting: no lease has been renewed yet."),
            Some(at) if now.saturating_duration_since(at) >= lease => {
                Err("Leases were not renewed in time.")
            }
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(15);

    #[test]
    fn it_renews_after_its_first_run_until_a_run_fails_or_none_comes() {
        let (heartbeats, now) = (HeartbeatState::default(), Instant::now());
        assert!(
            heartbeats
                .renews(LEASE, now)
                .unwrap_err()
                .starts_with("It is starting")
        );
        heartbeats.renewed(now);
        assert_eq!(heartbeats.renews(LEASE, now + LEASE / 2), Ok(()));
        let late = heartbeats.renews(LEASE, now + LEASE);
        assert_eq!(late, Err("Leases were not renewed in time."));
        heartbeats.failed();
        let failed = heartbeats.renews(LEASE, now);
        assert_eq!(failed, Err("Leases cannot be renewed."));
        heartbeats.renewed(now);
        assert_eq!(heartbeats.renews(LEASE, now), Ok(()));
    }

    #[test]
    fn it_is_alive_while_its_heartbeat_runs_even_in_vain() {
        let (heartbeats, now) = (HeartbeatState::default(), Instant::now());
        assert!(heartbeats.is_alive(LEASE, now + LEASE * 3));
        let long = LEASE * 3 + HANGS_AFTER * 2;
        assert!(!heartbeats.is_alive(LEASE, now + long));
        heartbeats.failed();
        assert!(heartbeats.is_alive(LEASE, Instant::now()));
    }
}
