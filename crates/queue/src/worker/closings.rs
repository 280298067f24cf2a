//! Published closings of limiters. A slot that was granted before a closing, and is unused, is
//! void.

use std::collections::HashMap;

use tokio::sync::watch;

/// By scope: when it was last closed, in microseconds of Redis' clock.
#[derive(Default)]
pub(crate) struct Closings(watch::Sender<HashMap<String, u64>>);

impl Closings {
    /// Records a message of the form `!SCOPE TIME`. Ignores other messages.
    pub(crate) fn record(&self, message: &[u8]) {
        let closed = std::str::from_utf8(message)
            .ok()
            .and_then(|text| text.strip_prefix('!')?.split_once(' '));
        if let Some((scope, Ok(at))) = closed.map(|(scope, at)| (scope, at.parse::<u64>())) {
            self.0.send_modify(|known| {
                let latest = known.entry(scope.to_owned()).or_default();
                *latest = at.max(*latest);
            });
        }
    }

    /// Forgets all closings after Redis' clock was set: their times are no longer comparable.
    pub(crate) fn forget(&self) {
        self.0.send_modify(HashMap::clear);
    }

    /// Waits until the kind, or the account, is known to have been closed at `since_us` or later.
    pub(crate) async fn closed(&self, kind: &str, since_us: u64) {
        let mut known = self.0.subscribe();
        let is_closed = |known: &HashMap<String, u64>| {
            let closed = |scope| known.get(scope).is_some_and(|at| *at >= since_us);
            closed(kind) || closed("account")
        };
        // The sender is not dropped while this waits: both belong to the worker.
        let _ = known.wait_for(is_closed).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn only_what_closes_a_kind_or_the_account_afterwards_voids_a_slot() {
        let limiters = Closings::default();
        for message in ["bvn", "!bvn 99", "!nin 200", "!", "! 300", "!bvn x"] {
            limiters.record(message.as_bytes());
        }
        let soon = Duration::from_millis(20);
        let waiting = limiters.closed("bvn", 100);
        assert!(tokio::time::timeout(soon, waiting).await.is_err());
        limiters.record(b"!bvn 100");
        limiters.closed("bvn", 100).await;
        limiters.record(b"!account 500");
        limiters.closed("cac", 400).await;
        limiters.forget();
        let waiting = limiters.closed("cac", 400);
        assert!(tokio::time::timeout(soon, waiting).await.is_err());
    }
}
