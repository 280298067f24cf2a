//! Listening, and the two things a router cannot do: closing a connection instead of answering, and ending all
//! connections when the sandbox goes.

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

/// Carried by every answer, so that nobody takes a sandbox for the provider.
const MARK: HeaderName = HeaderName::from_static("x-sandbox");

/// How long accepting pauses after a failure, such as too many open files.
const AFTER_A_FAILURE: Duration = Duration::from_millis(50);

/// A running local Radius. It stops, with all its connections, when it is dropped.
///
/// From then on its port refuses connections, and another can be started on it at once.
pub struct Sandbox {
    address: SocketAddr,
    provider: Arc<Provider>,
    door: Arc<Door>,
    serving: JoinHandle<()>,
}

impl Sandbox {
    /// Starts one on `listen` (port 0 for a free one) inside the current tokio runtime.
    ///
    /// # Errors
    /// Those of binding the address.
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

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for a client on this machine, as `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        match self.address.ip() {
            ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", self.address.port()),
            _ => format!("http://{}", self.address),
        }
    }

    /// What it has counted, as `GET /__sandbox/stats` says it.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.provider.ledger().stats()
    }

    /// When the newest 200,000 calls of a kind came, on the clock of [`Sandbox::elapsed`]; the oldest first.
    ///
    /// All calls are there that [`Stats::arrivals`] counts, also those that were refused.
    ///
    /// # Panics
    /// When there is no such kind.
    #[must_use]
    pub fn arrivals(&self, kind: &str) -> Vec<Duration> {
        let kind = Kind::named(kind).expect("the caller names one of the six kinds");
        self.provider.ledger().arrivals(kind)
    }

    /// Time since the sandbox started, or since the last reset.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(self.provider.ledger().since())
    }

    /// Makes trouble from the next call on; it takes the place of the trouble for the same kind, or of the one for all.
    pub fn trouble(&self, trouble: Trouble) {
        self.provider.troubles().set(trouble);
    }

    /// Ends all troubles.
    pub fn clear(&self) {
        *self.provider.troubles() = Troubles::default();
    }

    /// Serves until this future is dropped.
    pub async fn stopped(mut self) {
        // An error means that serving panicked; then it has stopped as well.
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

/// Accepts until the door is closed. The connections are tasks of the set and end with it.
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
    // Only speed hangs on it: a refusal is no reason not to serve.
    drop(stream.set_nodelay(true));
    let service = tower::service_fn(move |request| respond(router.clone(), request));
    let served = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .await;
    if served.is_err() {
        // Clients that go away and the cases that break connections both end here.
        debug!("A connection broke");
    }
}

/// The router's answer with the mark; an error closes the connection without one.
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
