//! Until when a worker may believe that its leases are its own.

use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Since when Redis is known to count the worker as alive. Measured on this machine's monotonic clock, which goes on
/// while the process is frozen.
pub(crate) struct LeaseValidity {
    lease: Duration,
    since: watch::Sender<Instant>,
}

impl LeaseValidity {
    pub(crate) fn new(lease: Duration) -> Self {
        Self {
            lease,
            since: watch::Sender::new(Instant::now()),
        }
    }

    /// A batch came, and with it Redis prolonged the leases. What had lapsed by then stays so until the heartbeat knows
    /// which jobs are lost: others may have been given to another worker meanwhile.
    pub(crate) fn prolonged(&self, asked: Instant) {
        if self.since.borrow().elapsed() < self.lease {
            self.renewed(asked);
        }
    }

    /// Redis prolonged the leases, at some time after it was asked, and those that were lost are cut off.
    pub(crate) fn renewed(&self, asked: Instant) {
        self.since.send_if_modified(|since| {
            let later = asked > *since;
            *since = asked.max(*since);
            later
        });
    }

    /// Waits until the leases can be believed in: at once, unless they could not be prolonged in time. Whoever has
    /// lost its own by then is cut off while it waits.
    pub(crate) async fn wait(&self) {
        let mut since = self.since.subscribe();
        while since.borrow_and_update().elapsed() >= self.lease {
            if since.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_worker_that_was_away_for_a_lease_waits_for_the_next_renewal() {
        let lease = Duration::from_millis(50);
        let lease_validity = LeaseValidity::new(lease);
        lease_validity.wait().await;
        std::thread::sleep(lease);
        let waiting = tokio::time::timeout(lease, lease_validity.wait());
        assert!(waiting.await.is_err());
        lease_validity.prolonged(Instant::now());
        let waiting = tokio::time::timeout(lease, lease_validity.wait());
        assert!(
            waiting.await.is_err(),
            "a batch tells nothing of what was lost"
        );
        lease_validity.renewed(Instant::now());
        lease_validity.wait().await;
        lease_validity.renewed(Instant::now() - lease);
        lease_validity.wait().await;
    }
}
