//! Serves the probes over HTTP, and closes connections on which no request arrives.

use std::time::Duration;

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet};

/// How long the head of a request may take, from the start of the connection or the end of the answer before it.
const LONGEST_HEAD: Duration = Duration::from_secs(5);

/// Answers until it is dropped, which closes all connections.
pub(super) async fn serve(mut listener: TcpListener, router: Router) {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEAD);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // It waits after an error, and tries again.
            (stream, _) = Listener::accept(&mut listener) => {
                let service = TowerToHyperService::new(router.clone());
                connections.spawn(server.serve_connection(TokioIo::new(stream), service));
            }
            // An error is the peer's.
            Some(_) = connections.join_next() => {}
        }
    }
}
