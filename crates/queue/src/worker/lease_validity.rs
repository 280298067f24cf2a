//! How long a worker can rely on its leases.

use std::time::{Duration, Instant};

use tokio::sync::watch;

/// The time of the last renewal that is known to have succeeded, on this machine's monotonic clock,
/// which advances even while the process is frozen.
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

    /// Records that a batch arrived, with which Redis renewed the leases. Leases that had expired
    /// by then stay invalid until the heartbeat knows which jobs are lost: they may have been
    /// granted to another worker.
    pub(crate) fn prolonged(&self, asked: Instant) {
        if self.since.borrow().elapsed() < self.lease {
            self.renewed(asked);
        }
    }

    /// Records that Redis renewed the leases at some time after `asked`, and that jobs whose lease
    /// was lost were aborted.
    pub(crate) fn renewed(&self, asked: Instant) {
        self.since.send_if_modified(|since| {
            let later = asked > *since;
            *since = asked.max(*since);
            later
        });
    }

    /// Waits until the leases are known to be valid: returns at once unless they were not renewed
    /// in time. A job whose lease was lost is aborted while it waits.
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
            "a batch does not say which leases were lost"
        );
        lease_validity.renewed(Instant::now());
        lease_validity.wait().await;
        lease_validity.renewed(Instant::now() - lease);
        lease_validity.wait().await;
    }
}
