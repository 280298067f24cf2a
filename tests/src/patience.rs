//! Waiting for a condition: it is polled often, and the wait fails late.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than any awaited step takes on a loaded machine.
pub const LONG: Duration = Duration::from_secs(60);

const BETWEEN: Duration = Duration::from_millis(20);

/// Polls `look` until it returns a value, and returns that value.
///
/// # Panics
/// After [`LONG`]. The message names `what`.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(LONG, what, look).await
}

/// Like [`eventually`], but gives up after `bound`.
///
/// # Panics
/// After `bound`. The message names `what`.
pub async fn eventually_within<T>(
    bound: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let until = Instant::now() + bound;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(
            Instant::now() < until,
            "still waiting after {} s: {what}",
            bound.as_secs()
        );
        sleep(BETWEEN).await;
    }
}
