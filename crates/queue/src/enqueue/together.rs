//! Submissions that are under way at once share a script call. A single one does not wait: while calls are under way others gather, and
//! go with the next one. Here is who waits; it does no I/O.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::Error;

/// The most jobs of one script call, so that no call takes long.
const AT_ONCE: usize = 32;
/// The most script calls at once: Redis has the next one when it has answered one.
const CALLS: usize = 2;

/// A sealed job on its way to an inbox.
pub(crate) struct Submitting {
    pub(crate) stream: String,
    pub(crate) id: String,
    /// The index of the idempotency key, or empty.
    pub(crate) index: String,
    pub(crate) digest: String,
    pub(crate) about: String,
    pub(crate) public_key: String,
    pub(crate) record: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

/// What the script answers for one job: a verb and an id.
pub(crate) type Answer = Result<(String, String), Error>;

/// A submission, and who waits for its answer.
pub(crate) type Waiting = (Submitting, oneshot::Sender<Answer>);

/// The submissions that wait for the next script call.
#[derive(Default)]
pub(crate) struct Together(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    calls: usize,
}

impl Together {
    /// Adds a submission. Returns whether the caller has to begin calls.
    pub(crate) fn add(&self, submitting: Submitting, answer: oneshot::Sender<Answer>) -> bool {
        let mut state = self.lock();
        state.waiting.push((submitting, answer));
        let begins = state.calls < CALLS;
        state.calls += usize::from(begins);
        begins
    }

    /// Returns the submissions of the next call, the oldest first. Without any the calls are over.
    pub(crate) fn take(&self) -> Vec<Waiting> {
        let mut state = self.lock();
        let count = state.waiting.len().min(AT_ONCE);
        if count == 0 {
            state.calls -= 1;
        }
        state.waiting.drain(..count).collect()
    }

    /// Ends calls that were begun and did not come to their end.
    pub(crate) fn give_up(&self) {
        self.lock().calls -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submitting(id: usize) -> Submitting {
        Submitting {
            stream: String::new(),
            id: id.to_string(),
            index: String::new(),
            digest: String::new(),
            about: String::new(),
            public_key: String::new(),
            record: Vec::new(),
            sealed: Vec::new(),
        }
    }

    #[test]
    fn a_few_calls_take_all_that_wait_in_their_order() {
        let together = Together::default();
        let begun: Vec<bool> = (0..70)
            .map(|id| together.add(submitting(id), oneshot::channel().0))
            .collect();
        assert_eq!(begun.iter().filter(|begins| **begins).count(), CALLS);
        let mut taken = Vec::new();
        for expected in [32, 32, 6, 0, 0] {
            let some = together.take();
            assert_eq!(some.len(), expected);
            taken.extend(some.into_iter().map(|(submitting, _)| submitting.id));
        }
        let all: Vec<String> = (0..70).map(|id| id.to_string()).collect();
        assert_eq!(taken, all);
        // Both calls are over.
        assert!(together.add(submitting(70), oneshot::channel().0));
    }
}
