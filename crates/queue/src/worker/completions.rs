//! The queue of completions of one worker. They are written together, but each one is settled
//! separately, and its job is notified only after Redis has it.

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::worker::{completion::Completion, settled::Settled};

/// A completion, and the channel to the job that waits for it.
pub(super) struct Waiting {
    pub(super) completion: Completion,
    pub(super) told: oneshot::Sender<Settled>,
}

impl Waiting {
    pub(super) fn tell(self, settled: Settled) {
        // The receiver is gone if the job was aborted.
        let _ = self.told.send(settled);
    }
}

/// The queue of completions.
pub(crate) struct Completions {
    hand_in: mpsc::UnboundedSender<Waiting>,
    /// Locked by the task that writes. If that task fails, the next one continues with the queue.
    pub(super) handed_in: Mutex<mpsc::UnboundedReceiver<Waiting>>,
}

impl Default for Completions {
    fn default() -> Self {
        // Never longer than the number of jobs that the worker runs at once.
        let (hand_in, handed_in) = mpsc::unbounded_channel();
        Self {
            hand_in,
            handed_in: Mutex::new(handed_in),
        }
    }
}

impl Completions {
    /// Submits a completion and waits until it is settled.
    pub(crate) async fn settle(&self, completion: Completion) -> Settled {
        let (told, settled) = oneshot::channel();
        // The receiver is gone if the worker ends; its leases then go to other workers.
        let gone = self.hand_in.send(Waiting { completion, told }).is_err();
        if gone {
            Settled::Lost
        } else {
            settled.await.unwrap_or(Settled::Lost)
        }
    }
}
