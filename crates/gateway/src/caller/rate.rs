//! The rate of requests of one API key on this server, and the header fields that tell it.

use std::{num::NonZeroU32, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};

use crate::problem::{Kind, Problem};

type Limiter = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// Requests in a second, with as many at once after a quiet second.
pub(crate) struct Rate {
    per_second: NonZeroU32,
    limiter: Limiter,
}

/// Requests that are left.
pub(crate) struct Left(u32);

/// The rate is used up, for so long.
pub(crate) struct Over(Duration);

impl Rate {
    pub(crate) fn new(per_second: u32) -> Self {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(per_second);
        Self {
            per_second,
            limiter: RateLimiter::direct(quota).with_middleware(),
        }
    }

    pub(crate) fn per_second(&self) -> u32 {
        self.per_second.get()
    }

    /// Counts a request.
    pub(crate) fn count(&self) -> Result<Left, Over> {
        let counted = self.limiter.check();
        counted
            .map(|state| Left(state.remaining_burst_capacity()))
            .map_err(|until| Over(until.wait_time_from(DefaultClock::default().now())))
    }

    /// Adds the header fields of the IETF's draft: the policy, and what is left of it.
    pub(crate) fn describe(&self, counted: &Result<Left, Over>, headers: &mut HeaderMap) {
        let (left, reset) = match counted {
            Ok(Left(left)) => (*left, 1),
            Err(over) => (0, over.seconds()),
        };
        let policy = format!("\"key\";q={};w=1", self.per_second);
        let limit = format!("\"key\";r={left};t={reset}");
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

impl Over {
    /// Returns whole seconds, rounded up.
    fn seconds(&self) -> u32 {
        u32::try_from(self.0.as_millis().div_ceil(1000))
            .unwrap_or(u32::MAX)
            .max(1)
    }

    pub(crate) fn problem(&self) -> Problem {
        Problem {
            retry_after: Some(self.seconds()),
            ..Problem::new(
                Kind::TOO_MANY_REQUESTS,
                "the rate of this API key is used up",
                "wait for the time in Retry-After, or ask for a key with a higher rate",
            )
        }
    }
}
