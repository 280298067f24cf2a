//! The signals that stop a program, one after the other.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears SIGINT, SIGTERM and SIGHUP from now on: none of them ends the process by itself any more.
pub(crate) struct Signals {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
    hangup: Option<Signal>,
}

/// What shells and process managers say of a program that a signal ended: 128 and the signal's number.
const ENDED_BY_SIGNAL: u8 = 128;

impl Signals {
    /// Begins to hear.
    pub(crate) fn hear() -> Self {
        // Without a handler a signal does what it does by itself.
        let hear = |kind| signal(kind).ok();
        Self {
            interrupt: hear(SignalKind::interrupt()),
            terminate: hear(SignalKind::terminate()),
            hangup: hear(SignalKind::hangup()),
        }
    }

    /// The next of them.
    pub(crate) async fn any(&mut self) {
        tokio::select! {
            () = next(&mut self.interrupt) => {}
            () = next(&mut self.terminate) => {}
            () = next(&mut self.hangup) => {}
        }
    }

    /// The next that somebody sent on purpose, as the exit code that tells of it. A terminal that is closed sends
    /// SIGHUP more than once: it is never an urge.
    pub(crate) async fn urge(&mut self) -> u8 {
        let number = tokio::select! {
            () = next(&mut self.interrupt) => SignalKind::interrupt(),
            () = next(&mut self.terminate) => SignalKind::terminate(),
        };
        ENDED_BY_SIGNAL + u8::try_from(number.as_raw_value()).unwrap_or_default()
    }
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Resolves on SIGINT, SIGTERM, or SIGHUP, which a terminal sends when it is closed.
pub(crate) async fn told_to_stop() {
    Signals::hear().any().await;
}
