//! A value that is requested often and read at most once a second.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// How long a value is reused.
const FRESH: Duration = Duration::from_secs(1);

/// The value that was read last. Requests during a read wait for its result.
pub(super) struct Lately<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Lately<T> {
    /// Returns the value that was read within the last second, or else reads it.
    pub(super) async fn get(&self, read: impl AsyncFnOnce() -> T) -> T {
        let mut last = self.0.lock().await;
        if let Some((_, value)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return value.clone();
        }
        let value = read().await;
        *last = Some((Instant::now(), value.clone()));
        value
    }
}
