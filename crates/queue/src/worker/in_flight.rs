//! The leases of this worker: the heartbeat renews them, and their jobs are aborted when they are
//! lost.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use kyc_domain::VerificationId;
use tokio::sync::Notify;

use crate::worker::lease::Ticket;

struct InFlightJob {
    kind: String,
    batch: u64,
    given_us: u64,
    slot_us: u64,
    started: bool,
    /// The job is being given back and will not start.
    returned: bool,
    sent: Arc<AtomicBool>,
    cut: Arc<Notify>,
}

/// A lease, as it is renewed or given back.
pub(crate) struct Held {
    pub(crate) id: VerificationId,
    pub(crate) kind: String,
    /// The batch that it came with.
    pub(crate) batch: u64,
    /// When it was granted, in microseconds of Redis' clock.
    pub(crate) given_us: u64,
    /// When its call is to be sent, by the same clock; 0 without a rate limit.
    pub(crate) slot_us: u64,
    /// Whether a call may have been sent.
    pub(crate) sent: bool,
}

impl Held {
    fn of(id: VerificationId, entry: &InFlightJob) -> Self {
        Self {
            id,
            kind: entry.kind.clone(),
            batch: entry.batch,
            given_us: entry.given_us,
            slot_us: entry.slot_us,
            sent: entry.sent.load(SeqCst),
        }
    }
}

/// All leases of this worker.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<HashMap<VerificationId, InFlightJob>>);

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, HashMap<VerificationId, InFlightJob>> {
        // Nothing panics while it holds the lock, and even then the map would stay usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn begin(&self, ticket: &Ticket) {
        let entry = InFlightJob {
            kind: ticket.header.kind.clone(),
            batch: ticket.batch,
            given_us: ticket.given_us,
            slot_us: ticket.slot_us,
            started: false,
            returned: false,
            sent: Arc::clone(&ticket.sent),
            cut: Arc::default(),
        };
        let older = self.lock().insert(ticket.id, entry);
        // The worker missed so many heartbeats that it leased its own job again.
        if let Some(older) = older {
            older.cut.notify_one();
        }
    }

    /// Marks a job as started. The returned `Notify` is notified when its lease is lost.
    pub(crate) fn start(&self, ticket: &Ticket) -> Arc<Notify> {
        let mut in_flight = self.lock();
        let own = in_flight
            .get_mut(&ticket.id)
            .filter(|entry| entry.batch == ticket.batch && !entry.returned);
        own.map_or_else(cut_at_once, |entry| {
            entry.started = true;
            Arc::clone(&entry.cut)
        })
    }

    /// Removes a lease. A newer lease of the same job stays.
    pub(crate) fn end(&self, ticket: &Ticket) {
        self.remove(ticket.id, ticket.batch);
    }

    /// Removes a lease that was given back.
    pub(crate) fn returned(&self, lease: &Held) {
        self.remove(lease.id, lease.batch);
    }

    fn remove(&self, id: VerificationId, batch: u64) {
        let mut in_flight = self.lock();
        if in_flight.get(&id).is_some_and(|entry| entry.batch == batch) {
            in_flight.remove(&id);
        }
    }

    /// Returns all leases.
    pub(crate) fn all(&self) -> Vec<Held> {
        let in_flight = self.lock();
        let held = in_flight.iter().map(|(id, entry)| Held::of(*id, entry));
        held.collect()
    }

    /// Returns the leases whose jobs have not started, and prevents them from starting. They stay
    /// here until they are given back: a renewal without them would take their jobs, and their
    /// calls, for lost.
    pub(crate) fn return_unstarted(&self) -> Vec<Held> {
        let mut in_flight = self.lock();
        let unstarted = in_flight.iter_mut().filter(|(_, entry)| !entry.started);
        unstarted
            .map(|(id, entry)| {
                entry.returned = true;
                Held::of(*id, entry)
            })
            .collect()
    }

    /// Removes a lost lease and aborts its job. Returns whether the lease was still here: the job
    /// may have ended, or come back under a newer token.
    pub(crate) fn lose(&self, lease: &Held) -> bool {
        let mut in_flight = self.lock();
        let held = in_flight
            .get(&lease.id)
            .is_some_and(|entry| entry.batch == lease.batch);
        if let Some(entry) = held.then(|| in_flight.remove(&lease.id)).flatten()
            // A call that was sent is paid for. Its answer may still count if no other worker calls
            // meanwhile.
            && !entry.sent.load(SeqCst)
        {
            entry.cut.notify_one();
        }
        held
    }

    /// Removes all leases and aborts their jobs, since the worker ends.
    pub(crate) fn lose_all(&self) {
        for entry in std::mem::take(&mut *self.lock()).into_values() {
            entry.cut.notify_one();
        }
    }
}

/// For a lease that was lost before its job started.
fn cut_at_once() -> Arc<Notify> {
    let cut = Notify::new();
    cut.notify_one();
    Arc::new(cut)
}
