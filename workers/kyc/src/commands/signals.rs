//! The signals that stop a program.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receives SIGINT, SIGTERM and SIGHUP. While it exists, none of them ends the process by default.
pub(crate) struct Signals {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
    hangup: Option<Signal>,
}

/// Shells and process managers report a program that a signal ended as 128 plus the signal's number.
const ENDED_BY_SIGNAL: u8 = 128;

impl Signals {
    /// Installs the handlers.
    pub(crate) fn hear() -> Self {
        // A signal whose handler cannot be installed keeps its default action.
        let hear = |kind| signal(kind).ok();
        Self {
            interrupt: hear(SignalKind::interrupt()),
            terminate: hear(SignalKind::terminate()),
            hangup: hear(SignalKind::hangup()),
        }
    }

    /// Resolves at the next of these signals.
    pub(crate) async fn any(&mut self) {
        tokio::select! {
            () = next(&mut self.interrupt) => {}
            () = next(&mut self.terminate) => {}
            () = next(&mut self.hangup) => {}
        }
    }

    /// Resolves at the next SIGINT or SIGTERM, with the exit code for it. SIGHUP does not count, because a terminal that is
    /// closed sends it more than once.
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

/// Resolves at SIGINT, SIGTERM or SIGHUP, which a terminal sends when it is closed.
pub(crate) async fn told_to_stop() {
    Signals::hear().any().await;
}
