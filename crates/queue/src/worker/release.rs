//! Handing back what a worker cannot finish: no attempt is spent.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use crate::{
    Error, measure,
    script::{self, arguments},
    worker::{in_flight::Held, log, settled::Settled, state::Worker},
};

/// How long handing back may take at the end of a worker: with a grace of 25 s it ends before those 30 s are over that
/// container platforms wait.
pub(crate) const LONGEST_RELEASE: Duration = Duration::from_secs(3);
const LONGEST_RELEASE_AT_ONCE: Duration = Duration::from_secs(1);

/// Hands back what a worker still holds.
pub struct Releaser(pub(crate) Arc<Worker>);

impl Releaser {
    /// To be called when the worker is told to stop: it takes no more jobs, and what has not begun goes back at once.
    pub async fn stop_taking(&self) {
        self.0.stopping.store(true, SeqCst);
        let releasing = self.0.release_unstarted();
        // Without Redis it comes with the rest, at the end.
        let _ = tokio::time::timeout(LONGEST_RELEASE_AT_ONCE, releasing).await;
    }

    /// To be called after the worker has ended: gives every lease back at once.
    pub async fn release(self) {
        self.0.release_all(LONGEST_RELEASE).await;
    }

    /// As [`Releaser::release`], with little time: whoever asks does not want to wait.
    pub async fn release_at_once(self) {
        self.0.release_all(LONGEST_RELEASE_AT_ONCE).await;
    }
}

impl Worker {
    /// Hands back every lease that is still held. A Redis that hangs must not keep the process from ending.
    pub(crate) async fn release_all(&self, longest: Duration) {
        let releasing = async {
            let held = self.in_flight.all();
            futures::future::join_all(held.iter().map(|lease| self.release(lease))).await;
            // Without it the worker counts as alive until its last sign of life is a lease old.
            let leaving = self.queue.run::<()>(&script::LEAVE, |call| {
                let (session, seen) = (self.session.name(), self.session.seen());
                arguments::Leave { session, seen }.write(call);
            });
            let _ = leaving.await;
        };
        if tokio::time::timeout(longest, releasing).await.is_err() {
            tracing::warn!("Could not hand all jobs back in time; their leases will run out");
        }
        self.in_flight.lose_all();
    }

    /// Hands back what was leased and has not begun.
    pub(crate) async fn release_unstarted(&self) {
        let unstarted = self.in_flight.return_unstarted();
        let returning = unstarted.iter().map(async |lease| {
            self.release(lease).await;
            self.in_flight.returned(lease);
        });
        futures::future::join_all(returning).await;
    }

    /// Hands one lease back; the answer that it was to reuse may be of no use.
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

    async fn release(&self, lease: &Held) {
        match self.hand_back(lease, false).await {
            Ok(Settled::Held) => log::held(lease.id, &lease.kind, "handed_back"),
            Ok(_) => {}
            Err(error) => {
                measure::trouble("release");
                tracing::warn!(%error, verification.id = %lease.id, "Could not hand a job back; its lease will run out");
            }
        }
    }
}
