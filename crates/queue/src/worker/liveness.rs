//! The liveness of a worker, as far as it can determine it by itself.

use std::{sync::Arc, time::Instant};

use crate::worker::state::Worker;

/// Reports the liveness of a worker.
#[derive(Clone)]
pub struct Liveness(pub(crate) Arc<Worker>);

impl Liveness {
    /// Returns the number of leases that it has.
    pub fn leases(&self) -> usize {
        self.0.in_flight.len()
    }

    /// Returns whether its heartbeat runs, even if Redis does not answer.
    pub fn is_alive(&self) -> bool {
        let lease = self.0.config.lease;
        self.0.heartbeats.is_alive(lease, Instant::now())
    }

    /// Returns `Ok` if its leases are renewed, or a sentence that says why they are not.
    pub fn renews(&self) -> Result<(), &'static str> {
        let lease = self.0.config.lease;
        self.0.heartbeats.renews(lease, Instant::now())
    }
}
