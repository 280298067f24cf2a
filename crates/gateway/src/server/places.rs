//! The places of a server: so many connections at once. While somebody waits for one, those without a request are closed soon.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::Instant,
};

/// How long places count as short after somebody had to wait.
const SHORT: Duration = Duration::from_secs(2);

/// The places of a server.
pub(super) struct Places {
    free: Arc<Semaphore>,
    short: watch::Sender<Shortage>,
}

/// Until when places are short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shortage(Instant);

impl Shortage {
    pub(super) fn lasts(self) -> bool {
        self.0 > Instant::now()
    }
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS))),
            short: watch::Sender::new(Shortage(Instant::now())),
        }
    }

    /// Returns a place as soon as there is one.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(place);
        }
        self.are_short();
        // The semaphore is never closed.
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Tells all connections that others wait. Only the first time wakes them: while it lasts, they look by themselves.
    pub(super) fn are_short(&self) {
        self.short.send_if_modified(|shortage| {
            let begins = !shortage.lasts();
            *shortage = Shortage(Instant::now() + SHORT);
            begins
        });
    }

    /// Returns what tells a connection that others wait.
    pub(super) fn shortage(&self) -> watch::Receiver<Shortage> {
        self.short.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_are_short_while_somebody_waits() {
        let places = Places::new(1);
        let shortage = places.shortage();
        let first = places.take().await;
        assert!(first.is_some() && !shortage.borrow().lasts());
        let waiting = tokio::time::timeout(Duration::from_millis(10), places.take());
        assert!(waiting.await.is_err() && shortage.borrow().lasts());
        drop(first);
        assert!(places.take().await.is_some());
        tokio::time::sleep(SHORT).await;
        assert!(!shortage.borrow().lasts());
    }
}
