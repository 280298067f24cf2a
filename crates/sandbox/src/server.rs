//! The server of a sandbox.
//!
//! It does two things that a router cannot do: it closes a connection instead of answering, and it closes all
//! connections when the sandbox is dropped.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    BoxError, Router,
    body::{Body, Bytes, HttpBody},
    http::{HeaderName, HeaderValue, Request},
    response::Response,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    task::{JoinHandle, JoinSet},
};
use tower::ServiceExt as _;
use tracing::debug;

use crate::{
    config::Config,
    door::Door,
    fault::HangUp,
    kind::Kind,
    ledger::Stats,
    provider::Provider,
    routes,
    trouble::{Trouble, Troubles},
};

/// The header of every answer, so that a sandbox cannot be mistaken for the provider.
const MARK: HeaderName = HeaderName::from_static("x-sandbox");

/// The pause after a connection could not be accepted, for example because too many files are open.
const AFTER_A_FAILURE: Duration = Duration::from_millis(50);

/// A running local Radius API. Dropping it closes the listener and all connections.
///
/// From then on its port refuses connections, and another sandbox can be started on it immediately.
pub struct Sandbox {
    address: SocketAddr,
    provider: Arc<Provider>,
    door: Arc<Door>,
    serving: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox on `listen` inside the current tokio runtime. Port 0 selects a free port.
    ///
    /// # Errors
    /// Returns an error if the address cannot be bound.
    pub async fn start(listen: SocketAddr, config: Config) -> io::Result<Self> {
        let (door, address) = Door::open(listen).await?;
        let door = Arc::new(door);
        let provider = Arc::new(Provider::new(config));
        let router = routes::router(Arc::clone(&provider));
        Ok(Self {
            address,
            provider,
            serving: tokio::spawn(serve(Arc::clone(&door), router)),
            door,
        })
    }

    /// Returns the address on which the sandbox listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL for a client on the same machine, such as `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        match self.address.ip() {
            ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", self.address.port()),
            _ => format!("http://{}", self.address),
        }
    }

    /// Returns the counts, as `GET /__sandbox/stats` does.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.provider.ledger().stats()
    }

    /// Returns when the last 200,000 calls of a kind arrived, on the clock of [`Sandbox::elapsed`], oldest first.
    ///
    /// Like [`Stats::arrivals`], this includes refused calls.
    ///
    /// # Panics
    /// Panics if there is no such kind.
    #[must_use]
    pub fn arrivals(&self, kind: &str) -> Vec<Duration> {
        let kind = Kind::named(kind).expect("the caller names one of the six kinds");
        self.provider.ledger().arrivals(kind)
    }

    /// Returns the time since the start or the last reset.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(self.provider.ledger().since())
    }

    /// Starts a trouble with the next call. It replaces the trouble for the same kind, or the one for all kinds.
    pub fn trouble(&self, trouble: Trouble) {
        self.provider.troubles().set(trouble);
    }

    /// Ends all troubles.
    pub fn clear(&self) {
        *self.provider.troubles() = Troubles::default();
    }

    /// Keeps the sandbox running until this future is dropped.
    pub async fn stopped(mut self) {
        // An error means that the serving task panicked, which stops it too.
        if (&mut self.serving).await.is_err() {
            debug!("The sandbox stopped serving");
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.door.close();
        self.serving.abort();
    }
}

/// Accepts connections until the door is closed. Their tasks belong to the set and are aborted with it.
async fn serve(door: Arc<Door>, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = door.accept() => match accepted {
                Some(Ok(stream)) => {
                    connections.spawn(connection(stream, router.clone()));
                }
                Some(Err(_)) => tokio::time::sleep(AFTER_A_FAILURE).await,
                None => return,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, router: Router) {
    // Only affects speed, so a failure is ignored.
    drop(stream.set_nodelay(true));
    let service = tower::service_fn(move |request| respond(router.clone(), request));
    let served = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .await;
    if served.is_err() {
        // Both clients that disconnect and the cases that break connections end here.
        debug!("A connection broke");
    }
}

/// Returns the router's answer with the mark, or an error, which closes the connection without an answer.
async fn respond<B>(router: Router, request: Request<B>) -> io::Result<Response>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let Ok(mut response) = router.oneshot(request.map(Body::new)).await;
    if response.extensions().get::<HangUp>().is_some() {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    response
        .headers_mut()
        .insert(MARK, HeaderValue::from_static("1"));
    Ok(response)
}
