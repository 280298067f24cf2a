//! The API keys that were used lately. A revoked key is noticed within a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kyc_queue::{ApiKey, Error, Queue};
use tokio::sync::Semaphore;

use super::rate::Rate;

/// How long a key is believed before Redis is asked again.
const FRESH: Duration = Duration::from_millis(500);
/// The most keys that are remembered; more are asked for each time.
const MOST: usize = 10_000;

/// The most streams of events of one API key at once, on one server.
pub(super) const MOST_STREAMS: usize = 100;

/// An API key, how much of its rate is used, and its streams.
pub(crate) struct Known {
    pub(crate) key: ApiKey,
    pub(crate) rate: Arc<Rate>,
    /// Places for streams of events.
    pub(crate) streams: Arc<Semaphore>,
}

/// All callers of a server.
pub(crate) struct Callers {
    default_rate: u32,
    known: Mutex<HashMap<String, (Instant, Arc<Known>)>>,
}

impl Callers {
    /// `default_rate` is in requests a second, for keys without a rate of their own.
    pub(crate) fn new(default_rate: u32) -> Self {
        Self {
            default_rate,
            known: Mutex::default(),
        }
    }

    /// Returns the key with this id.
    pub(crate) async fn find(&self, queue: &Queue, id: &str) -> Result<Option<Arc<Known>>, Error> {
        let before = self.lock().get(id).cloned();
        if let Some((asked, known)) = &before
            && asked.elapsed() < FRESH
        {
            return Ok(Some(Arc::clone(known)));
        }
        let asked = Instant::now();
        let Some(key) = queue.api_key(id).await? else {
            self.lock().remove(id);
            return Ok(None);
        };
        let per_second = key.rate.unwrap_or(self.default_rate);
        // What was used of the rate stays used.
        let (rate, streams) = before
            .map(|(_, known)| (Arc::clone(&known.rate), Arc::clone(&known.streams)))
            .unzip();
        let rate = rate.filter(|rate| rate.per_second() == per_second);
        let rate = rate.unwrap_or_else(|| Arc::new(Rate::new(per_second)));
        let streams = streams.unwrap_or_else(|| Arc::new(Semaphore::new(MOST_STREAMS)));
        let known = Arc::new(Known { key, rate, streams });
        let mut all = self.lock();
        if all.len() >= MOST {
            all.retain(|_, (asked, _)| asked.elapsed() < FRESH);
        }
        if all.len() < MOST {
            all.insert(id.to_owned(), (asked, Arc::clone(&known)));
        }
        Ok(Some(known))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Instant, Arc<Known>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
