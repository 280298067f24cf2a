//! The body of an answer, in pieces, so that it is seen whether the peer reads it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::activity::Underway;

/// The largest piece. What the connection holds beyond what the peer takes is no more than that.
const PIECE: usize = 64 << 10;

/// An answer that is being read by the peer.
pub(super) struct Answer {
    body: Body,
    /// What is left of the last frame.
    rest: Bytes,
    underway: Underway,
}

impl Answer {
    /// An answer to a request that ends when the peer has it.
    pub(super) fn new(body: Body, underway: Underway) -> Self {
        underway.give();
        Self {
            body,
            rest: Bytes::new(),
            underway,
        }
    }

    fn piece(&mut self) -> Frame<Bytes> {
        self.underway.give();
        let length = self.rest.len().min(PIECE);
        Frame::data(self.rest.split_to(length))
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        this.underway.take();
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(this.piece())));
        }
        let frame = std::task::ready!(Pin::new(&mut this.body).poll_frame(context));
        let frame = frame.map(|frame| {
            frame.map(|frame| match frame.into_data() {
                Ok(data) => {
                    this.rest = data;
                    this.piece()
                }
                Err(trailers) => trailers,
            })
        });
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let hint = self.body.size_hint();
        let mut whole = SizeHint::new();
        if let Some(upper) = hint.upper() {
            whole.set_upper(upper.saturating_add(rest));
        }
        whole.set_lower(hint.lower().saturating_add(rest));
        whole
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use http_body_util::BodyExt;

    use super::*;
    use crate::server::activity::Activity;

    #[tokio::test]
    async fn a_large_body_arrives_whole_in_pieces() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let activity = Arc::new(Activity::new(Duration::from_secs(1)));
        let underway = Underway::begin(&activity, false);
        let mut answer = Answer::new(Body::from(bytes.clone()), underway);
        let mut read = Vec::new();
        while let Some(frame) = answer.frame().await {
            let data = frame.expect("a frame").into_data().expect("data");
            assert!(data.len() <= PIECE);
            read.extend_from_slice(&data);
            let left = (bytes.len() - read.len()) as u64;
            assert_eq!(answer.size_hint().exact(), Some(left));
            assert_eq!(answer.is_end_stream(), left == 0);
        }
        assert!(read == bytes);
    }
}
