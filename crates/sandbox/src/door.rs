//! A listener that another task than the accepting one can close immediately.
//!
//! If the accepting task were aborted instead, the listener would only be closed when the runtime drops the task. Until
//! then the port would stay taken, and connections would be accepted that nothing serves.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use tokio::net::{TcpListener, TcpStream};

/// A listener that can be closed once and not be reopened.
pub(crate) struct Door(Mutex<Option<TcpListener>>);

impl Door {
    /// Binds the address, even if connections of an earlier listener on the same port still exist.
    pub(crate) async fn open(listen: SocketAddr) -> io::Result<(Self, SocketAddr)> {
        // On Unix tokio sets SO_REUSEADDR, which allows binding in spite of connections in TIME_WAIT.
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok((Self(Mutex::new(Some(listener))), address))
    }

    /// Returns the next connection, or `None` once the listener is closed. Only one task may call this at a time.
    pub(crate) async fn accept(&self) -> Option<io::Result<TcpStream>> {
        poll_fn(|context| match &*self.listener() {
            None => Poll::Ready(None),
            Some(listener) => listener
                .poll_accept(context)
                .map(|accepted| Some(accepted.map(|(stream, _)| stream))),
        })
        .await
    }

    /// Closes the listener: further connections are refused, and the port is free. A pending `accept` is not woken.
    pub(crate) fn close(&self) {
        drop(self.listener().take());
    }

    fn listener(&self) -> MutexGuard<'_, Option<TcpListener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
