//! How often API keys that are not valid may be tried.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::HashMapStateStore,
};

use crate::{
    client::Client,
    problem::{Kind, Problem},
};

/// Failures of an address in a second, once it has used up the burst.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
/// Failures of an address at once.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
/// How often Redis is asked for keys that this server does not know, in a second, wherever the requests come from.
const LOOKUPS: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");

/// The failures of all addresses. An address is counted in one of 65,536 cells, so that no number of addresses needs more memory;
/// which one cannot be foreseen from outside.
pub(crate) struct Failures {
    cells: RandomState,
    counted: RateLimiter<u16, HashMapStateStore<u16>, DefaultClock>,
    /// Cells whose failures are used up, and until when.
    full: Mutex<HashMap<u16, Instant>>,
    lookups: DefaultDirectRateLimiter,
}

impl Failures {
    pub(crate) fn new() -> Self {
        Self {
            cells: RandomState::new(),
            counted: RateLimiter::hashmap(Quota::per_second(PER_SECOND).allow_burst(AT_ONCE)),
            full: Mutex::default(),
            lookups: RateLimiter::direct(Quota::per_second(LOOKUPS)),
        }
    }

    /// Returns a problem if this client has tried too many keys that are not valid.
    pub(crate) fn check(&self, client: Client) -> Result<(), Problem> {
        let cell = self.cell(client);
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let left = full
            .get(&cell)
            .map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            None => Ok(()),
            Some(left) if left.is_zero() => {
                full.remove(&cell);
                Ok(())
            }
            Some(left) => Err(too_many(
                "too many API keys that are not valid came from your address",
                left,
            )),
        }
    }

    /// Counts a key that was not valid.
    pub(crate) fn count(&self, client: Client) {
        let cell = self.cell(client);
        let Err(until) = self.counted.check_key(&cell) else {
            return;
        };
        let until = Instant::now() + until.wait_time_from(DefaultClock::default().now());
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        full.insert(cell, until);
    }

    /// Returns a problem if Redis is asked for too many keys.
    pub(crate) fn look_up(&self) -> Result<(), Problem> {
        self.lookups.check().map_err(|until| {
            too_many(
                "too many API keys that this server does not know are tried at the moment",
                until.wait_time_from(DefaultClock::default().now()),
            )
        })
    }

    fn cell(&self, client: Client) -> u16 {
        let [high, low, ..] = self.cells.hash_one(client.own()).to_le_bytes();
        u16::from_le_bytes([high, low])
    }
}

/// A client whose address is not known, since the request did not come over a connection.
pub(crate) const NOBODY: Client = Client(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

fn too_many(detail: &str, wait: Duration) -> Problem {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    Problem {
        retry_after: Some(u32::try_from(seconds).unwrap_or(u32::MAX)),
        ..Problem::new(
            Kind::TOO_MANY_REQUESTS,
            detail,
            "check the API key, and wait for the time in Retry-After",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        Client(text.parse().expect("an address"))
    }

    #[test]
    fn an_address_that_fails_too_often_waits_and_others_do_not() {
        let failures = Failures::new();
        let (one, same_network) = (client("2001:db8::1"), client("2001:db8::ffff"));
        for _ in 0..AT_ONCE.get() {
            assert!(failures.check(one).is_ok());
            failures.count(one);
        }
        // The bucket fills up again while this runs.
        for _ in 0..20 {
            failures.count(one);
        }
        let problem = failures.check(same_network).expect_err("it must wait");
        assert_eq!((problem.status, problem.retry_after), (429, Some(1)));
        // One of the two others could share the cell.
        let others = [client("203.0.113.1"), client("203.0.113.2")];
        assert!(others.iter().any(|other| failures.check(*other).is_ok()));
    }

    #[test]
    fn many_addresses_need_no_more_memory() {
        let failures = Failures::new();
        for number in 0..200_000_u32 {
            failures.count(Client(IpAddr::V4(number.into())));
        }
        assert!(failures.counted.len() <= 1 << 16);
    }
}
