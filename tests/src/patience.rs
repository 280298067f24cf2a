//! Waiting for something to become true: looked at often, given up late.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than anything takes on a loaded machine.
pub const LONG: Duration = Duration::from_secs(60);

const BETWEEN: Duration = Duration::from_millis(20);

/// Looks until there is something to see, and answers it.
///
/// # Panics
/// After [`LONG`], with what was awaited.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(LONG, what, look).await
}

/// As [`eventually`], with a bound of its own.
///
/// # Panics
/// When the time is over, with what was awaited.
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
            "{what}: not so after {} s",
            bound.as_secs()
        );
        sleep(BETWEEN).await;
    }
}
