//! Whether a worker is well, as far as it can tell by itself.

use std::{sync::Arc, time::Instant};

use crate::worker::state::Worker;

/// A look at a worker from outside.
#[derive(Clone)]
pub struct Liveness(pub(crate) Arc<Worker>);

impl Liveness {
    /// How many jobs are in its hands.
    pub fn leases(&self) -> usize {
        self.0.in_flight.len()
    }

    /// Its loops turn, whatever Redis does.
    pub fn is_alive(&self) -> bool {
        let lease = self.0.config.lease;
        self.0.heartbeats.is_alive(lease, Instant::now())
    }

    /// Its leases are renewed; else why not, in a sentence.
    pub fn renews(&self) -> Result<(), &'static str> {
        let lease = self.0.config.lease;
        self.0.heartbeats.renews(lease, Instant::now())
    }
}
