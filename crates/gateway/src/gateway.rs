//! What all requests share.

use std::sync::Arc;

use bytes::Bytes;
use kyc_blobs::Blobs;
use kyc_kinds::Rules;
use kyc_queue::{Endings, Feed, Queue};
use tokio::sync::watch;

use crate::{
    batches::Counted, caller::Callers, client::Proxies, cors::Origins, events::view::rendered,
    ready::Ready,
};

/// How an API is served.
#[derive(Clone, Debug)]
pub struct Config {
    /// The rules that jobs must follow.
    pub rules: Rules,
    /// Requests a second of an API key without a rate of its own.
    pub default_rate: u32,
    /// The proxies that are trusted to name the client of a request.
    pub proxies: Proxies,
    /// The origins whose pages may call the API from a browser.
    pub origins: Origins,
}

/// The API of a queue. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Queue,
    blobs: Blobs,
    config: Config,
    callers: Callers,
    endings: Endings,
    counted: Counted,
    ready: Ready,
    feed: Feed<Bytes>,
    stopping: watch::Sender<bool>,
}

impl Gateway {
    /// An API of this queue. It seals with the queue's public key. Only if the queue's vault opens, it can show personal data.
    pub fn new(queue: Queue, blobs: Blobs, config: Config) -> Self {
        let callers = Callers::new(config.default_rate);
        Self {
            inner: Arc::new(Inner {
                queue,
                blobs,
                config,
                callers,
                endings: Endings::default(),
                counted: Counted::default(),
                ready: Ready::default(),
                feed: Feed::new(rendered),
                stopping: watch::Sender::new(false),
            }),
        }
    }

    /// Wakes those who wait for verifications and passes on events, forever. Must run beside the server.
    pub async fn listen(&self) {
        let (queue, endings) = (&self.inner.queue, &self.inner.endings);
        tokio::join!(endings.listen(queue), self.inner.feed.run(queue, endings));
    }

    /// Ends all waiting requests early, because the server stops.
    pub fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.inner.queue
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    pub(crate) fn rules(&self) -> Rules {
        self.inner.config.rules
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.inner.config.proxies
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.inner.config.origins
    }

    pub(crate) fn callers(&self) -> &Callers {
        &self.inner.callers
    }

    pub(crate) fn endings(&self) -> &Endings {
        &self.inner.endings
    }

    pub(crate) fn feed(&self) -> &Feed<Bytes> {
        &self.inner.feed
    }

    pub(crate) fn counted(&self) -> &Counted {
        &self.inner.counted
    }

    /// Returns whether the queue can be reached.
    pub(crate) async fn is_ready(&self) -> bool {
        let ping = async || self.inner.queue.ping().await.is_ok();
        self.inner.ready.get(ping).await
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.inner.stopping.borrow()
    }

    /// Returns once the server stops.
    pub(crate) async fn stopping(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        // The sender lives as long as `self`.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}
