//! Whether the queue can be reached. Anybody may ask, so Redis is not asked for each of them.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// How long an answer is good for.
const FRESH: Duration = Duration::from_millis(500);

/// The last answer.
#[derive(Default)]
pub(crate) struct Ready(Mutex<Option<(Instant, bool)>>);

impl Ready {
    /// Returns the last answer, or a new one. Those who ask meanwhile wait for the same.
    pub(crate) async fn get(&self, ask: impl AsyncFnOnce() -> bool) -> bool {
        let mut last = self.0.lock().await;
        if let Some((asked, is_ready)) = *last
            && asked.elapsed() < FRESH
        {
            return is_ready;
        }
        let is_ready = ask().await;
        *last = Some((Instant::now(), is_ready));
        is_ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_who_ask_share_an_answer() {
        let (ready, mut asked) = (Ready::default(), 0);
        for _ in 0..100 {
            let answer = ready.get(async || {
                asked += 1;
                true
            });
            assert!(answer.await);
        }
        assert!(asked < 10, "{asked}");
    }
}
