//! The signals that stop a worker. At the first, the worker drains. At the second, it hands running jobs back at once. At
//! the third, the process exits immediately.

use std::sync::{Arc, OnceLock};

use tokio::{sync::Notify, task::JoinSet};

use super::{Signals, stdin_ended};

/// The requests to stop so far.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<Requested>);

#[derive(Default)]
struct Requested {
    drain: Notify,
    now: Notify,
    code: OnceLock<u8>,
}

impl Stop {
    /// Handles signals from now on, until `beside` is dropped.
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
            // The program that started the worker may both close its input and send a signal: that is one request.
            signals.any().await;
        }
        let code = signals.urge().await;
        tracing::warn!("Second signal to stop: handing running jobs back");
        // Set once, before `now` is notified.
        let _ = self.0.code.set(code);
        self.0.now.notify_one();
        let code = signals.urge().await;
        std::process::exit(code.into());
    }

    /// Resolves when the worker must take no more jobs.
    pub(super) async fn drain(&self) {
        self.0.drain.notified().await;
    }

    /// Resolves when the worker must hand running jobs back.
    pub(super) async fn now(self) {
        self.0.now.notified().await;
    }

    /// Returns the exit code, if a second signal came.
    pub(super) fn code(&self) -> Option<u8> {
        self.0.code.get().copied()
    }
}
