//! Something that is asked for often and read seldom.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// What was read is told again for this long.
const FRESH: Duration = Duration::from_secs(1);

/// What was read last. Whoever asks while it is being read waits for that.
pub(super) struct Lately<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Lately<T> {
    /// What was read within the last second, or is read now.
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
