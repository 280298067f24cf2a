//! The rate limit of one process: it never sends faster than the whole fleet may, whatever slots it
//! has.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

/// A rate of the fleet, as Redis reports it with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FleetRate {
    pub(crate) calls: u32,
    pub(crate) period: Duration,
    pub(crate) burst: u32,
}

/// A rate and its limiter.
type Kept = (FleetRate, Arc<DefaultDirectRateLimiter>);

/// The rates of all scopes, each as reported last.
pub(crate) struct Pacer {
    scopes: Mutex<HashMap<String, Kept>>,
    /// How late a call may be sent. Two calls may be closer to each other by as much.
    tolerance: Duration,
}

impl Pacer {
    pub(crate) fn new(tolerance: Duration) -> Self {
        Self {
            scopes: Mutex::default(),
            tolerance,
        }
    }

    /// Sets the rate of a scope, or removes it if `rate` allows no calls. A limiter is kept while
    /// its rate does not change.
    pub(crate) fn keep_to(&self, scope: &str, rate: FleetRate) {
        // Nothing panics while it holds the lock.
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if scopes.get(scope).is_some_and(|(known, _)| *known == rate) {
            return;
        }
        match rate.quota(self.tolerance) {
            Some(quota) => {
                let limiter = Arc::new(RateLimiter::direct(quota));
                scopes.insert(scope.to_owned(), (rate, limiter));
            }
            None => {
                scopes.remove(scope);
            }
        }
    }

    /// Waits until this process may send another call of the scope. Returns `false`, and consumes
    /// nothing, if that would be later than `latest`.
    pub(crate) async fn wait(&self, scope: &str, latest: Instant) -> bool {
        let limiter = {
            let scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
            scopes.get(scope).map(|(_, limiter)| Arc::clone(limiter))
        };
        let Some(limiter) = limiter else { return true };
        while let Err(early) = limiter.check() {
            let wait = early.wait_time_from(DefaultClock::default().now());
            if Instant::now() + wait > latest {
                return false;
            }
            tokio::time::sleep(wait).await;
        }
        true
    }
}

impl FleetRate {
    /// Returns the quota without the margin of the fleet's slots, and with an additional burst for
    /// calls that are late together. A call that is on time within the tolerance is not delayed.
    fn quota(self, tolerance: Duration) -> Option<Quota> {
        let one = self.period.checked_div(self.calls)?;
        let late = tolerance.as_nanos().div_ceil(one.as_nanos().max(1));
        let at_once = self.burst.saturating_add(u32::try_from(late).ok()?);
        Some(Quota::with_period(one)?.allow_burst(NonZeroU32::new(at_once)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(calls: u32, burst: u32) -> FleetRate {
        FleetRate {
            calls,
            period: Duration::from_secs(1),
            burst,
        }
    }

    #[tokio::test]
    async fn calls_keep_their_distance_and_a_changed_rate_holds_at_once() {
        let pacer = Pacer::new(Duration::ZERO);
        let late = Instant::now() + Duration::from_secs(10);
        assert!(pacer.wait("bvn", late).await, "no rate was set");
        pacer.keep_to("bvn", rate(20, 1));
        let begun = Instant::now();
        for _ in 0..4 {
            // Each batch reports the rate again.
            pacer.keep_to("bvn", rate(20, 1));
            assert!(pacer.wait("bvn", late).await);
        }
        assert!(begun.elapsed() >= Duration::from_millis(150));
        assert!(
            !pacer.wait("bvn", Instant::now()).await,
            "too early by 50 ms"
        );
        pacer.keep_to("bvn", rate(20, 100));
        let begun = Instant::now();
        for _ in 0..100 {
            assert!(pacer.wait("bvn", late).await);
        }
        pacer.keep_to("bvn", rate(0, 0));
        for _ in 0..200 {
            assert!(pacer.wait("bvn", late).await, "no rate any more");
        }
        assert!(begun.elapsed() < Duration::from_secs(4));
    }
}
