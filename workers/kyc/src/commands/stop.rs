//! How a worker is told to stop: once, and it drains; again, and it hands back what is under way; a third time, and the
//! process ends where it stands.

use std::sync::{Arc, OnceLock};

use tokio::{sync::Notify, task::JoinSet};

use super::{Signals, stdin_ended};

/// What was said so far.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<Requested>);

#[derive(Default)]
struct Requested {
    drain: Notify,
    now: Notify,
    code: OnceLock<u8>,
}

impl Stop {
    /// Hears signals from now on, until the set is dropped.
    pub(super) fn hear(until_stdin_ends: bool, beside: &mut JoinSet<()>) -> Self {
        let stop = Self::default();
        beside.spawn(stop.clone().obey(Signals::hear(), until_stdin_ends));
        stop
    }

    async fn obey(self, mut signals: Signals, until_stdin_ends: bool) {
        let ended = tokio::select! {
            () = signals.any() => false,
            () = stdin_ended(), if until_stdin_ends => true,
        };
        self.0.drain.notify_one();
        if ended {
            // Who started it may end its input and send a signal as well: that is one word, said twice.
            signals.any().await;
        }
        let code = signals.urge().await;
        tracing::warn!("Told to stop again: handing back what is under way");
        // Set once, before anybody can look for it.
        let _ = self.0.code.set(code);
        self.0.now.notify_one();
        let code = signals.urge().await;
        std::process::exit(code.into());
    }

    /// Resolves when no more jobs are to be taken.
    pub(super) async fn drain(&self) {
        self.0.drain.notified().await;
    }

    /// Resolves when what is under way is to be handed back.
    pub(super) async fn now(self) {
        self.0.now.notified().await;
    }

    /// The exit code of a worker that was told twice.
    pub(super) fn code(&self) -> Option<u8> {
        self.0.code.get().copied()
    }
}
