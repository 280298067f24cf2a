//! A session of a worker: its name with a suffix that distinguishes it from earlier sessions, and
//! the numbers of its batches. Both together are the fencing token of a job.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use kyc_domain::VerificationId;

/// One run of a worker.
pub(crate) struct Session {
    name: String,
    /// The number of the last batch that reached the worker.
    seen: AtomicU64,
    turn: AtomicU64,
}

impl Session {
    pub(crate) fn new(worker: &str) -> Self {
        // Two workers with the same name, or a worker that was restarted, must not take each
        // other's jobs for their own.
        let life = VerificationId::generate().to_string().to_lowercase();
        Self {
            name: format!("{worker}~{}", &life[16..]),
            seen: AtomicU64::new(0),
            turn: AtomicU64::new(0),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the worker from the name of its session.
    pub(crate) fn worker(session: &str) -> &str {
        session
            .rsplit_once('~')
            .map_or(session, |(worker, _)| worker)
    }

    /// Returns the number of the next batch. It stays the same until a batch with it was received,
    /// so that Redis grants the same jobs if it is asked again, or if a request that was given up
    /// is executed late.
    pub(crate) fn next(&self) -> u64 {
        self.seen() + 1
    }

    /// Records that a batch was received. Call this after all its jobs are in flight.
    pub(crate) fn received(&self) {
        self.seen.fetch_add(1, SeqCst);
    }

    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(SeqCst)
    }

    /// Counts the requests, so that kinds and priorities take turns.
    pub(crate) fn turn(&self) -> u64 {
        self.turn.fetch_add(1, SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_keeps_its_number_until_it_is_here() {
        let session = Session::new("host~1");
        assert_eq!((session.next(), session.next()), (1, 1));
        session.received();
        assert_eq!((session.next(), session.seen()), (2, 1));
        assert_eq!(Session::worker(session.name()), "host~1");
        assert_ne!(Session::new("host~1").name(), session.name());
    }
}
