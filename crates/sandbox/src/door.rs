//! A listener that can be closed at once from outside of the task that accepts.
//!
//! Ending that task would close it only when the runtime gets to it: until then the port stays taken, and connections
//! that nobody will serve are accepted.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use tokio::net::{TcpListener, TcpStream};

/// Open until it is closed; never open again.
pub(crate) struct Door(Mutex<Option<TcpListener>>);

impl Door {
    /// Opens one, also where connections of an earlier one on the same port are not quite gone.
    pub(crate) async fn open(listen: SocketAddr) -> io::Result<(Self, SocketAddr)> {
        // On Unix tokio sets SO_REUSEADDR, which lets the port be had in spite of TIME_WAIT.
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok((Self(Mutex::new(Some(listener))), address))
    }

    /// The next connection; `None` once the door is closed. For one task only.
    pub(crate) async fn accept(&self) -> Option<io::Result<TcpStream>> {
        poll_fn(|context| match &*self.listener() {
            None => Poll::Ready(None),
            Some(listener) => listener
                .poll_accept(context)
                .map(|accepted| Some(accepted.map(|(stream, _)| stream))),
        })
        .await
    }

    /// From here on connections are refused, and the port is free. Whoever waits in `accept` is not woken.
    pub(crate) fn close(&self) {
        drop(self.listener().take());
    }

    fn listener(&self) -> MutexGuard<'_, Option<TcpListener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
