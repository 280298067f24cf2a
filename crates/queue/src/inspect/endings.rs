//! Waiting for the ends of many verifications over one subscription.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kyc_domain::VerificationId;
use tokio::{
    sync::{Notify, watch},
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{Error, Queue};

/// The pause before a subscription that broke is made again.
const PAUSE: Duration = Duration::from_millis(250);
/// After that, so many who wait look again at once, and others after a pause: all at once would hold up the queue.
const AT_ONCE: usize = 32;
const BETWEEN: Duration = Duration::from_millis(5);

/// Wakes those who wait for verifications. All share one subscription.
#[derive(Clone, Default)]
pub struct Endings {
    waiting: Arc<Mutex<HashMap<VerificationId, Woken>>>,
    /// How often something has ended, or may have.
    news: watch::Sender<u64>,
}

struct Woken {
    notify: Arc<Notify>,
    /// How many wait.
    count: usize,
}

/// Waits for the end of one verification. Make it before you look at the verification, so that no end is missed.
pub struct Waiter {
    endings: Endings,
    id: VerificationId,
    notify: Arc<Notify>,
}

impl Endings {
    /// Starts to wait for a verification.
    pub fn waiter(&self, id: VerificationId) -> Waiter {
        let mut waiting = self.lock();
        let woken = waiting.entry(id).or_insert_with(|| Woken {
            notify: Arc::default(),
            count: 0,
        });
        woken.count += 1;
        Waiter {
            endings: self.clone(),
            id,
            notify: Arc::clone(&woken.notify),
        }
    }

    /// Returns how many verifications are waited for.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether nothing is waited for.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Listens to the queue forever, and subscribes again when Redis is available again. Whoever waits then looks again.
    pub async fn listen(&self, queue: &Queue) {
        loop {
            if let Err(error) = self.subscribed(queue).await {
                tracing::debug!(%error, "Could not subscribe to the ends of verifications");
            }
            sleep(PAUSE).await;
        }
    }

    async fn subscribed(&self, queue: &Queue) -> Result<(), Error> {
        let mut ended = queue.connection().listen(&queue.key("done")).await?;
        // Messages were missed before.
        let mut missed: Vec<VerificationId> = self.lock().keys().copied().collect();
        self.tell();
        let mut turns = interval(BETWEEN);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let message = tokio::select! {
                message = ended.next() => message,
                _ = turns.tick(), if !missed.is_empty() => {
                    self.wake(missed.drain(missed.len().saturating_sub(AT_ONCE)..));
                    continue;
                }
            };
            let Some(message) = message else {
                return Ok(());
            };
            let ids: String = message.get_payload().unwrap_or_default();
            self.wake(ids.split(' ').filter_map(|id| id.parse().ok()));
            self.tell();
        }
    }

    /// Returns what changes whenever verifications may have ended.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    fn tell(&self) {
        self.news.send_modify(|times| *times += 1);
    }

    fn wake(&self, ids: impl Iterator<Item = VerificationId>) {
        let waiting = self.lock();
        for id in ids {
            if let Some(woken) = waiting.get(&id) {
                woken.notify.notify_waiters();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VerificationId, Woken>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Returns a future that is ready when the verification may have ended since this call. Look at the verification after
    /// the call, and then wait for the future.
    pub fn woken(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut notified = Box::pin(Arc::clone(&self.notify).notified_owned());
        notified.as_mut().enable();
        notified
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.endings.lock();
        if let Some(woken) = waiting.get_mut(&self.id) {
            woken.count -= 1;
            if woken.count == 0 {
                waiting.remove(&self.id);
            }
        }
    }
}
