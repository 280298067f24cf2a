//! Where completions are handed in. They are written together, but each is settled by itself, and its job is told only when Redis
//! has it.

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::worker::{completion::Completion, settled::Settled};

/// A completion, and who waits for it.
pub(super) struct Waiting {
    pub(super) completion: Completion,
    pub(super) told: oneshot::Sender<Settled>,
}

impl Waiting {
    pub(super) fn tell(self, settled: Settled) {
        // Whoever no longer waits was cut off.
        let _ = self.told.send(settled);
    }
}

/// Where completions are handed in.
pub(crate) struct Completions {
    hand_in: mpsc::UnboundedSender<Waiting>,
    /// Held by whoever writes; should that task fail, the next one goes on with what was handed in.
    pub(super) handed_in: Mutex<mpsc::UnboundedReceiver<Waiting>>,
}

impl Default for Completions {
    fn default() -> Self {
        // Never longer than the worker has jobs at once.
        let (hand_in, handed_in) = mpsc::unbounded_channel();
        Self {
            hand_in,
            handed_in: Mutex::new(handed_in),
        }
    }
}

impl Completions {
    /// Hands a completion in and waits until it is settled.
    pub(crate) async fn settle(&self, completion: Completion) -> Settled {
        let (told, settled) = oneshot::channel();
        // Nobody takes it any more: the worker ends, and its leases go to others.
        let gone = self.hand_in.send(Waiting { completion, told }).is_err();
        if gone {
            Settled::Lost
        } else {
            settled.await.unwrap_or(Settled::Lost)
        }
    }
}
