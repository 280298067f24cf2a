//! One connection, from its TLS handshake to its end.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header},
};
use hyper::{Request, Response, Version, body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::{
    activity::{Activity, Underway},
    answer::Answer,
    lent::Shelf,
    places::Places,
    socket::Socket,
};

/// The most header bytes of a request in HTTP/2.
const MOST_HEADER_BYTES: u32 = 16 << 10;
/// The most bytes of a head in HTTP/1.1, and the most that is buffered of an answer.
const MOST_HEAD_BYTES: usize = 80 << 10;
/// The most headers of a request in HTTP/1.1.
const MOST_HEADERS: usize = 64;
/// The most requests of one HTTP/2 connection at once.
const MOST_STREAMS: u32 = 128;
/// The most that is buffered of each answer in HTTP/2.
const MOST_SEND_BYTES: usize = 128 << 10;
/// How often a silent peer in HTTP/2 is asked whether it is there, and how long it may take to answer.
const BETWEEN_PINGS: Duration = Duration::from_secs(20);
const LONGEST_PONG: Duration = Duration::from_secs(10);

/// The address at the other end of a request's connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What all connections share.
pub(super) struct Connections {
    builder: auto::Builder<TokioExecutor>,
    router: Router,
    idle: Duration,
    places: Arc<Places>,
    stopping: watch::Sender<bool>,
}

impl Connections {
    pub(super) fn new(router: Router, idle: Duration, places: Arc<Places>) -> Self {
        Self {
            builder: builder(),
            router,
            idle,
            places,
            stopping: watch::Sender::new(false),
        }
    }

    /// Ends every connection after the requests that are under way.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Serves a connection until it ends, is overdue, or has no request while the server stops.
    pub(super) async fn attend(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        acceptor: Option<TlsAcceptor>,
    ) {
        // Only a delay would follow from an error.
        let _ = stream.set_nodelay(true);
        let activity = Arc::new(Activity::new(self.idle));
        let Some(acceptor) = acceptor else {
            return self.serve(stream, peer, &activity).await;
        };
        let mut shortage = self.places.shortage();
        let shaken = tokio::select! {
            shaken = acceptor.accept(stream) => shaken,
            () = activity.overdue(&mut shortage) => return,
            () = self.stopping() => return,
        };
        // An error is the peer's.
        if let Ok(stream) = shaken {
            activity.restart();
            self.serve(stream, peer, &activity).await;
        }
    }

    async fn serve<S>(&self, stream: S, peer: SocketAddr, activity: &Arc<Activity>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let socket = TokioIo::new(Socket::new(stream, Arc::clone(activity)));
        let service = Observed {
            router: self.router.clone(),
            peer: Peer(peer.ip().to_canonical()),
            activity: Arc::clone(activity),
        };
        let serving = self.builder.serve_connection(socket, service);
        let mut serving = std::pin::pin!(serving);
        let mut shortage = self.places.shortage();
        tokio::select! {
            // An error is the peer's.
            _ = serving.as_mut() => return,
            () = activity.overdue(&mut shortage) => {}
            () = self.stopping() => {}
        }
        serving.as_mut().graceful_shutdown();
        tokio::select! {
            _ = serving => {}
            () = activity.at_rest() => {}
        }
    }

    async fn stopping(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as `self`.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}

/// The routes, as one connection asks them.
struct Observed {
    router: Router,
    peer: Peer,
    activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for Observed {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let shared = request.version() == Version::HTTP_2;
        let underway = Underway::begin(&self.activity, shared);
        request.extensions_mut().insert(self.peer);
        let shelf = Shelf::default();
        let request = request.map(|body| match shared {
            true => Body::new(body),
            false => shelf.lend(body),
        });
        let answering = self.router.clone().oneshot(request);
        Box::pin(async move {
            let mut response = answering.await?;
            if !shelf.read_rest().await {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok(response.map(|body| Answer::new(body, underway)))
        })
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The activity of the connection bounds it: this would also be the longest rest between two requests.
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADER_BYTES)
        .max_pending_accept_reset_streams(MOST_STREAMS as usize / 4)
        .max_send_buf_size(MOST_SEND_BYTES)
        .keep_alive_interval(BETWEEN_PINGS)
        .keep_alive_timeout(LONGEST_PONG);
    builder
}
