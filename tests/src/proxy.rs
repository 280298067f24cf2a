//! A fault proxy in front of a real Redis, on loopback: it cuts connections, stalls them, and loses replies.
//!
//! Hides the sockets. Bytes pass unchanged. Requests pass one whole command at a time, so that a command can be matched.

mod carry;
mod command;
mod line;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use self::line::{Loss, Shared};
use crate::LONG;

/// The pause after `accept` fails, for example because too many files are open.
const AFTER_A_FAILURE: Duration = Duration::from_millis(20);

/// A proxy in front of one server. Dropping it closes all its connections.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// A reply that will be lost, or that was lost.
#[derive(Debug)]
pub struct LostReply(oneshot::Receiver<Vec<u8>>);

impl LostReply {
    /// Waits until the server has executed the command and the client's connection is closed. Returns the bytes that did
    /// not reach the client. They may include replies to commands that were sent just before or after it.
    ///
    /// # Panics
    /// When the proxy was dropped, another loss replaced this one, or no such command arrives.
    pub async fn lost(self) -> Vec<u8> {
        let lost = tokio::time::timeout(LONG, self.0).await;
        lost.expect("such a command comes")
            .expect("the proxy waits for the command")
    }
}

impl Proxy {
    /// Starts a proxy in front of `upstream` on a free port, inside the current tokio runtime.
    ///
    /// # Errors
    /// When the proxy cannot listen.
    pub async fn before(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::new(upstream));
        Ok(Self {
            port,
            accepting: tokio::spawn(accept(listener, Arc::clone(&shared))),
            shared,
        })
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL for a client of Redis.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Closes all connections, and closes each new one at once, until [`Proxy::mend`].
    pub fn cut(&self) {
        self.shared.line.send_modify(|line| {
            line.closed = true;
            line.cuts += 1;
        });
    }

    /// Holds back all bytes in both directions until [`Proxy::mend`]. Connections stay open, and nothing answers.
    pub fn stall(&self) {
        self.shared.line.send_modify(|line| line.stalled = true);
    }

    /// Ends a cut or a stall. Bytes that were held back are delivered.
    pub fn mend(&self) {
        self.shared.line.send_modify(|line| {
            line.closed = false;
            line.stalled = false;
        });
    }

    /// Loses the reply to the next command that contains `pattern`, once: the server executes the command, and the client's
    /// connection is closed before the reply reaches it.
    pub fn lose_reply_of(&self, pattern: impl Into<Vec<u8>>) -> LostReply {
        let (lost, happened) = oneshot::channel();
        *self.shared.loss() = Some(Loss {
            pattern: pattern.into(),
            lost,
        });
        LostReply(happened)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections until it is aborted. The connections are tasks of a set and end with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) if !shared.line.borrow().closed => {
                    connections.spawn(carry::connection(client, Arc::clone(&shared)));
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(AFTER_A_FAILURE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
