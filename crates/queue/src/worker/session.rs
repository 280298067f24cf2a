//! One life of a worker, as the queue knows it: its name with something that tells it from an earlier life, and the
//! numbers of the batches that it was given. Both together are the fencing token of a job.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use kyc_domain::VerificationId;

/// One life of a worker.
pub(crate) struct Session {
    name: String,
    /// The last batch that reached the worker.
    seen: AtomicU64,
    turn: AtomicU64,
}

impl Session {
    pub(crate) fn new(worker: &str) -> Self {
        // Two workers of one name, or one that was started again, must not take each other's jobs for their own.
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

    /// The worker's own name.
    pub(crate) fn worker(session: &str) -> &str {
        session
            .rsplit_once('~')
            .map_or(session, |(worker, _)| worker)
    }

    /// The number of the batch to ask for. It stays the same until jobs came under it: asked for again, Redis gives
    /// the same jobs, also when it carries out a request late that nobody waits for any more.
    pub(crate) fn next(&self) -> u64 {
        self.seen() + 1
    }

    /// The batch that was asked for is here, and all its jobs are known: to be called after they are.
    pub(crate) fn received(&self) {
        self.seen.fetch_add(1, SeqCst);
    }

    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(SeqCst)
    }

    /// Counts the turns, so that kinds and priorities take theirs.
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
