//! Giving back jobs that a worker cannot finish. No attempt is spent.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use crate::{
    Error, measure,
    script::{self, arguments},
    worker::{in_flight::Held, log, settled::Settled, state::Worker},
};

/// How long giving jobs back may take when a worker ends. With a grace period of 25 s, it ends
/// within the 30 s that container platforms allow.
pub(crate) const LONGEST_RELEASE: Duration = Duration::from_secs(3);
const LONGEST_RELEASE_AT_ONCE: Duration = Duration::from_secs(1);

/// Gives back the leases of a worker.
pub struct Releaser(pub(crate) Arc<Worker>);

impl Releaser {
    /// Call this when the worker receives the request to stop. It leases no more jobs, and gives
    /// back those that have not started.
    pub async fn stop_taking(&self) {
        self.0.stopping.store(true, SeqCst);
        let releasing = self.0.release_unstarted();
        // If Redis does not answer, these jobs are given back at the end with the others.
        let _ = tokio::time::timeout(LONGEST_RELEASE_AT_ONCE, releasing).await;
    }

    /// Call this after the worker has ended. It gives all leases back.
    pub async fn release(self) {
        self.0.release_all(LONGEST_RELEASE).await;
    }

    /// Like [`Releaser::release`], with a shorter timeout, for an immediate stop.
    pub async fn release_at_once(self) {
        self.0.release_all(LONGEST_RELEASE_AT_ONCE).await;
    }
}

impl Worker {
    /// Gives back all leases. A timeout ensures that the process can end even if Redis hangs.
    pub(crate) async fn release_all(&self, longest: Duration) {
        let releasing = async {
            let held = self.in_flight.all();
            futures::future::join_all(held.iter().map(|lease| self.release(lease))).await;
            // Without this, the worker counts as alive until the duration of a lease after its last
            // heartbeat.
            let leaving = self.queue.run::<()>(&script::LEAVE, |call| {
                let (session, seen) = (self.session.name(), self.session.seen());
                arguments::Leave { session, seen }.write(call);
            });
            let _ = leaving.await;
        };
        if tokio::time::timeout(longest, releasing).await.is_err() {
            tracing::warn!("Could not give all jobs back in time; their leases will expire");
        }
        self.in_flight.lose_all();
    }

    /// Gives back the jobs that were leased and have not started.
    pub(crate) async fn release_unstarted(&self) {
        let unstarted = self.in_flight.return_unstarted();
        let returning = unstarted.iter().map(async |lease| {
            self.release(lease).await;
            self.in_flight.returned(lease);
        });
        futures::future::join_all(returning).await;
    }

    /// Gives one lease back. With `answer_is_useless` its cached answer could not be used.
    pub(crate) async fn hand_back(
        &self,
        lease: &Held,
        answer_is_useless: bool,
    ) -> Result<Settled, Error> {
        self.queue
            .run(&script::RELEASE, |call| {
                let release = arguments::Release {
                    session: self.session.name(),
                    batch: lease.batch,
                    id: &lease.id.to_string(),
                    may_be_sent: u8::from(lease.sent),
                    given_ms: lease.given_us / 1000,
                    slot_us: lease.slot_us,
                    hold_ambiguous: self.config.holds_ambiguous(),
                    is_useless: u8::from(answer_is_useless),
                };
                release.write(call);
            })
            .await
    }

    pub(crate) async fn release(&self, lease: &Held) {
        match self.hand_back(lease, false).await {
            Ok(Settled::Held) => log::held(lease.id, &lease.kind, "handed_back"),
            Ok(_) => {}
            Err(error) => {
                measure::trouble("release");
                tracing::warn!(%error, verification.id = %lease.id, "Could not give a job back; its lease will expire");
            }
        }
    }
}
