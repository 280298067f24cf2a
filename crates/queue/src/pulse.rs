//! Whether a worker is well, as far as it can tell by itself: the keeper's last words, and what is in its hands.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::backend::Worker;

/// A worker whose keeper has not turned for this long, beyond three leases, hangs.
const HANGS_AFTER: Duration = Duration::from_secs(10);

/// What the keeper leaves behind at every turn.
pub(crate) struct Vitals(Mutex<Turns>);

struct Turns {
    last: Instant,
    /// The last renewal of all leases; `None` before the first.
    renewed: Option<Instant>,
    failed: bool,
}

impl Default for Vitals {
    fn default() -> Self {
        Self(Mutex::new(Turns {
            last: Instant::now(),
            renewed: None,
            failed: false,
        }))
    }
}

impl Vitals {
    fn lock(&self) -> MutexGuard<'_, Turns> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All leases were renewed, as of the moment it was asked for.
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
}

/// A look at a worker from outside.
#[derive(Clone)]
pub struct Pulse(pub(crate) Arc<Worker>);

impl Pulse {
    /// How many jobs are in its hands.
    pub fn leases(&self) -> usize {
        self.0.flights.len()
    }

    /// Its loops turn, whatever Redis does.
    pub fn is_alive(&self) -> bool {
        self.0.vitals.lock().last.elapsed() < self.0.config.lease * 3 + HANGS_AFTER
    }

    /// Its leases are renewed; else why not, in a sentence.
    pub fn renews(&self) -> Result<(), &'static str> {
        let turns = self.0.vitals.lock();
        match turns.renewed {
            _ if turns.failed => Err("Leases cannot be renewed."),
            None => Err("It starts: no lease was renewed yet."),
            Some(at) if at.elapsed() >= self.0.config.lease => {
                Err("Leases were not renewed in time.")
            }
            Some(_) => Ok(()),
        }
    }
}
