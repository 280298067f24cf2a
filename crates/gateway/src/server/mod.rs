//! Serves connections: HTTP/1.1 and HTTP/2, with TLS or without, within bounds.

mod tls;

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
};

use tls::Tls;
pub use tls::TlsFiles;

/// How long the head of a request may take, and an idle connection.
const LONGEST_HEAD: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(10);
/// The most header bytes of a request.
const MOST_HEADER_BYTES: u32 = 16 << 10;
/// The most headers of a request.
const MOST_HEADERS: usize = 64;
/// The most requests of one HTTP/2 connection at once.
const MOST_STREAMS: u32 = 128;

/// The bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most connections at once; more wait to be accepted.
    pub connections: usize,
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
        let builder = Arc::new(builder());
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let graceful = Arc::new(Shutdown::default());
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (self.listener.accept().await, place)
            };
            tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                (accepted, place) = accepted => {
                    let Ok((stream, _)) = accepted else {
                        // Out of file descriptors, for example. Others end soon.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    };
                    let _ = stream.set_nodelay(true);
                    let acceptor = self.tls.as_ref().map(Tls::acceptor);
                    let (builder, router) = (Arc::clone(&builder), router.clone());
                    let graceful = Arc::clone(&graceful);
                    connections.spawn(async move {
                        let _place = place;
                        match acceptor {
                            None => connection(&builder, stream, router, &graceful).await,
                            Some(acceptor) => {
                                let shaken = acceptor.accept(stream);
                                let shaken = tokio::time::timeout(LONGEST_HANDSHAKE, shaken).await;
                                if let Ok(Ok(stream)) = shaken {
                                    connection(&builder, stream, router, &graceful).await;
                                }
                            }
                        }
                    });
                }
            }
        }
        drop(self.listener);
        graceful.begin();
        let ended = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.grace, ended)
            .await
            .is_err()
        {
            tracing::warn!("Closed connections whose requests took longer than the grace period");
        }
    }
}

/// Tells all connections to end after the requests under way.
#[derive(Default)]
struct Shutdown(tokio::sync::watch::Sender<bool>);

impl Shutdown {
    fn begin(&self) {
        self.0.send_replace(true);
    }

    async fn begun(&self) {
        let mut begun = self.0.subscribe();
        let _ = begun.wait_for(|begun| *begun).await;
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEADER_BYTES as usize + (64 << 10));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADER_BYTES)
        .max_pending_accept_reset_streams(MOST_STREAMS as usize / 4)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(LONGEST_HEAD);
    builder
}

async fn connection<S>(
    builder: &auto::Builder<TokioExecutor>,
    stream: S,
    router: Router,
    shutdown: &Shutdown,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = TowerToHyperService::new(router);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    // An error is the peer's.
    let _ = tokio::select! {
        served = serving.as_mut() => served,
        () = shutdown.begun() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
}
