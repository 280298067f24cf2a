//! Serves connections: HTTP/1.1 and HTTP/2, with TLS or without, within bounds.

mod activity;
mod answer;
mod connection;
mod lent;
mod places;
mod socket;
mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use connection::Connections;
pub(crate) use connection::Peer;
use places::Places;
use tls::Tls;
pub use tls::TlsFiles;

/// The bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most connections at once; more wait to be accepted.
    pub connections: usize,
    /// How long a connection may rest between two requests, while there are places for others.
    pub idle: Duration,
    /// How long requests may take after the server was told to stop.
    pub grace: Duration,
}

/// A server of HTTP.
pub struct Server {
    listener: TcpListener,
    tls: Option<Tls>,
    limits: Limits,
}

impl Server {
    /// A server that answers on this listener; with TLS if files are given.
    ///
    /// # Errors
    ///
    /// A sentence, if the files are no certificate and key.
    pub fn new(
        listener: TcpListener,
        tls: Option<TlsFiles>,
        limits: Limits,
    ) -> Result<Self, String> {
        let tls = tls.map(Tls::load).transpose()?;
        Ok(Self {
            listener,
            tls,
            limits,
        })
    }

    /// Answers until `stop` is ready. Then takes no more connections, and waits for the requests under way.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()>) {
        let places = Arc::new(Places::new(self.limits.connections));
        let shared = Arc::new(Connections::new(
            router,
            self.limits.idle,
            Arc::clone(&places),
        ));
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        // Accepted, but without a place.
        let mut waiting: Option<(TcpStream, SocketAddr)> = None;
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = self.listener.accept(), if waiting.is_none() => match accepted {
                    Ok(accepted) => waiting = Some(accepted),
                    Err(_) => {
                        // Out of file descriptors, for example: as if out of places.
                        places.are_short();
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                place = places.take(), if waiting.is_some() => {
                    let Some((stream, peer)) = waiting.take() else { continue };
                    let acceptor = self.tls.as_ref().map(Tls::acceptor);
                    let shared = Arc::clone(&shared);
                    connections.spawn(async move {
                        let _place = place;
                        shared.attend(stream, peer, acceptor).await;
                    });
                }
            }
        }
        drop((self.listener, waiting));
        shared.stop();
        let ended = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.grace, ended)
            .await
            .is_err()
        {
            tracing::warn!("Closed connections whose requests took longer than the grace period");
        }
    }
}
