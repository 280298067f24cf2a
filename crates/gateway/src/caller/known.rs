//! The API keys that were used lately. A revoked key is noticed within a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kyc_queue::{ApiKey, Queue};
use tokio::sync::Semaphore;

use super::{failures::Failures, rate::Rate, token::Token};
use crate::{client::Client, problem::Problem};

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
    failures: Failures,
}

impl Callers {
    /// `default_rate` is in requests a second, for keys without a rate of their own.
    pub(crate) fn new(default_rate: u32) -> Self {
        Self {
            default_rate,
            known: Mutex::default(),
            failures: Failures::new(),
        }
    }

    /// Returns the key of this token, if its secret is right.
    ///
    /// # Errors
    ///
    /// Too many keys that are not valid were tried. This does not concern a key that this server knows: nobody who shares an address
    /// with callers, or hides behind the same proxy, can lock them out.
    pub(crate) async fn find(
        &self,
        queue: &Queue,
        token: &Token,
        client: Client,
    ) -> Result<Option<Arc<Known>>, Problem> {
        let is_right = |known: &Arc<Known>| token.has_hash(&known.key.secret_hash);
        let before = self.lock().get(token.id()).cloned();
        let was_right = before.as_ref().is_some_and(|(_, known)| is_right(known));
        if !was_right {
            self.failures.check(client)?;
        }
        let known = match before {
            Some((asked, known)) if asked.elapsed() < FRESH => Some(known),
            before => {
                if before.is_none() {
                    self.failures.look_up()?;
                }
                self.ask(queue, token.id(), before.map(|(_, known)| known))
                    .await?
            }
        };
        let known = known.filter(is_right);
        if known.is_none() {
            self.failures.count(client);
        }
        Ok(known)
    }

    /// Asks Redis for a key. What was used of its rate before stays used.
    async fn ask(
        &self,
        queue: &Queue,
        id: &str,
        before: Option<Arc<Known>>,
    ) -> Result<Option<Arc<Known>>, Problem> {
        let asked = Instant::now();
        let Some(key) = queue.api_key(id).await? else {
            self.lock().remove(id);
            return Ok(None);
        };
        let per_second = key.rate.unwrap_or(self.default_rate);
        let (rate, streams) = before
            .map(|known| (Arc::clone(&known.rate), Arc::clone(&known.streams)))
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
