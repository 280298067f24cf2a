//! The state that a proxy and its connections share.

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicUsize},
};

use tokio::sync::{oneshot, watch};

use super::command;

/// The state that all connections of a proxy read.
#[derive(Debug)]
pub(super) struct Shared {
    pub upstream: SocketAddr,
    pub line: watch::Sender<Line>,
    /// Open connections.
    pub open: AtomicUsize,
    loss: Mutex<Option<Loss>>,
}

/// Whether bytes pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// New connections are closed at once.
    pub closed: bool,
    /// Bytes are held back.
    pub stalled: bool,
    /// The number of cuts so far. A connection that is older than the last cut ends.
    pub cuts: u64,
}

/// The command whose reply is to be lost.
#[derive(Debug)]
pub(super) struct Loss {
    pub pattern: Vec<u8>,
    pub lost: oneshot::Sender<Vec<u8>>,
}

impl Shared {
    /// The state of a proxy in front of `upstream` that lets everything pass.
    pub(super) fn new(upstream: SocketAddr) -> Self {
        Self {
            upstream,
            line: watch::Sender::default(),
            open: AtomicUsize::default(),
            loss: Mutex::default(),
        }
    }

    /// The pending loss, if there is one.
    pub(super) fn loss(&self) -> MutexGuard<'_, Option<Loss>> {
        // Nothing panics while it holds the lock.
        self.loss.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the pending loss if `command` matches it.
    pub(super) fn loss_of(&self, command: &[u8]) -> Option<Loss> {
        self.loss()
            .take_if(|loss| command::holds(command, &loss.pattern))
    }
}
