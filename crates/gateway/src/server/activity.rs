//! What happens on one connection, and when it is to be closed because nothing does.

mod state;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::places::Shortage;
use state::State;

/// The longest time between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// What happens on one connection.
pub(super) struct Activity(Mutex<State>);

impl Activity {
    /// A connection that was just opened. Between two requests it may rest for so long.
    pub(super) fn new(idle: Duration) -> Self {
        Self(Mutex::new(State::new(idle, Instant::now())))
    }

    /// The handshake is over: the time of the first request begins.
    pub(super) fn restart(&self) {
        self.lock().rest(Instant::now());
    }

    /// Bytes have come.
    pub(super) fn hear(&self) {
        self.lock().hear(Instant::now());
    }

    /// Resolves when the connection must be closed: it has no request and none comes, or the peer does not read its answer.
    pub(super) async fn overdue(&self, shortage: &mut watch::Receiver<Shortage>) {
        loop {
            let is_short = shortage.borrow_and_update().lasts();
            let now = Instant::now();
            let due = self.lock().due(now, is_short);
            if due <= now {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(due.min(now + BETWEEN_LOOKS)) => {}
                // The server, which keeps the sender, outlives its connections.
                Ok(()) = shortage.changed() => {}
            }
        }
    }

    /// Resolves when no request has been under way for a moment, counted from now on, or the peer does not read its answer.
    pub(super) async fn at_rest(&self) {
        let begun = Instant::now();
        loop {
            let now = Instant::now();
            let due = self.lock().end(now, begun);
            if due <= now {
                return;
            }
            tokio::time::sleep_until(due).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way, from its head until its whole answer is handed over.
pub(super) struct Underway {
    activity: Arc<Activity>,
    number: u64,
}

impl Underway {
    /// A request has come. `multiplexed` tells that it shares its connection with others.
    pub(super) fn begin(activity: &Arc<Activity>, multiplexed: bool) -> Self {
        let number = activity.lock().begin(multiplexed);
        Self {
            activity: Arc::clone(activity),
            number,
        }
    }

    /// The connection has a piece of the answer, or its head.
    pub(super) fn give(&self) {
        self.activity.lock().give(self.number, Instant::now());
    }

    /// The connection wants the next piece.
    pub(super) fn take(&self) {
        self.activity.lock().take(self.number);
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.activity.lock().end_of(self.number, Instant::now());
    }
}
