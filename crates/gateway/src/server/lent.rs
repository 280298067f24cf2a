//! The body of a request in HTTP/1, lent to the routes and taken back. The next request of the connection begins behind it, so what
//! the routes leave of it has to be read, or the connection must not be used again, and the peer must know.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

/// The largest rest that is read, and how long that may take.
const MOST: usize = 64 << 10;
const LONGEST: Duration = Duration::from_secs(1);

/// Where a body lies when the routes are done with it.
#[derive(Clone, Default)]
pub(super) struct Shelf(Arc<Mutex<Option<Incoming>>>);

impl Shelf {
    /// Lends a body.
    pub(super) fn lend(&self, body: Incoming) -> Body {
        Body::new(Lent {
            body: Some(body),
            shelf: self.clone(),
        })
    }

    /// Reads what was left of the body. Returns whether its end was reached.
    pub(super) async fn read_rest(&self) -> bool {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(body) = body.filter(|body| !body.is_end_stream()) else {
            return true;
        };
        if body.size_hint().lower() > MOST as u64 {
            return false;
        }
        let reading = Limited::new(body, MOST).collect();
        matches!(tokio::time::timeout(LONGEST, reading).await, Ok(Ok(_)))
    }
}

struct Lent {
    /// Always there until it is dropped.
    body: Option<Incoming>,
    shelf: Shelf,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let body = self.get_mut().body.as_mut();
        body.map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.as_ref().map(HttpBody::size_hint);
        hint.unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut shelf = self.shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
        *shelf = self.body.take();
    }
}
