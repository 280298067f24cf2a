//! What Redis' clock says on this machine. Slots are times of Redis' clock; to wait for one, a worker must know how its
//! own, monotonic clock stands to it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// Two quartz clocks drift apart by no more than this part of the time that passes.
const DRIFT: f64 = 100e-6;
/// Before any answer came: the first may take long, and a slot that passed on the way is of no use.
const FIRST_TRIP: Duration = Duration::from_millis(60);

/// An estimate that each answer with Redis' time sharpens.
pub(crate) struct RedisClock {
    origin: Instant,
    known: Mutex<Known>,
}

/// What an answer told of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observed {
    /// It goes on as before.
    AsBefore,
    /// It was set, or another server took over: what it said before is another time.
    Set,
}

/// Redis' time less the time since the origin, in microseconds, lies between these.
#[derive(Clone, Copy)]
struct Known {
    least: f64,
    most: f64,
    at: Instant,
    /// The longest round trip lately.
    trip: Duration,
}

impl RedisClock {
    pub(crate) fn new() -> Self {
        let origin = Instant::now();
        Self {
            origin,
            known: Mutex::new(Known {
                least: f64::NEG_INFINITY,
                most: f64::INFINITY,
                at: origin,
                trip: FIRST_TRIP,
            }),
        }
    }

    fn since_origin(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.origin).as_secs_f64() * 1e6
    }

    /// Redis said this time, in microseconds since 1970, somewhen between the question and the answer.
    pub(crate) fn observe(&self, asked: Instant, answered: Instant, redis_us: u64) -> Observed {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 microseconds")]
        let redis = redis_us as f64;
        let (least, most) = (
            redis - self.since_origin(answered),
            redis - self.since_origin(asked),
        );
        // Nothing panics while it holds the lock.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let drift = self.since_origin(answered) - self.since_origin(known.at);
        let drift = drift.max(0.0) * DRIFT;
        let (lower, upper) = (least.max(known.least - drift), most.min(known.most + drift));
        // Where both cannot be true only the news holds.
        let observe = if lower <= upper {
            (known.least, known.most) = (lower, upper);
            Observed::AsBefore
        } else {
            (known.least, known.most) = (least, most);
            Observed::Set
        };
        known.at = answered;
        known.trip = (answered - asked).max(known.trip.mul_f64(0.9));
        observe
    }

    /// When Redis' clock shows this time, as near as it is known; `None` before Redis was ever heard.
    pub(crate) fn instant(&self, redis_us: u64) -> Option<Instant> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = f64::midpoint(known.least, known.most);
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 microseconds")]
        let since_origin = redis_us as f64 - offset;
        let known = since_origin.is_finite();
        known.then(|| self.origin + Duration::from_secs_f64(since_origin.max(0.0) / 1e6))
    }

    /// The time now, as Redis' clock shows it; by this machine's own clock before Redis was ever heard.
    pub(crate) fn now(&self) -> Timestamp {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let redis_us = f64::midpoint(known.least, known.most) + self.since_origin(Instant::now());
        if !redis_us.is_finite() {
            return Timestamp::now();
        }
        #[expect(clippy::cast_possible_truncation, reason = "microseconds since 1970")]
        let whole = redis_us as i64;
        Timestamp::from_microsecond(whole).unwrap_or_else(|_| Timestamp::now())
    }

    /// How long an answer may take to come, by those that came lately.
    pub(crate) fn trip(&self) -> Duration {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .trip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Where the clock puts a time of Redis, in microseconds off the truth: Redis' clock is 5 s ahead of the origin.
    fn error(clock: &RedisClock, after: Duration) -> i128 {
        let redis = 5_000_000 + u64::try_from(after.as_micros()).unwrap();
        let found = clock.instant(redis).unwrap().duration_since(clock.origin);
        found.as_micros().cast_signed() - after.as_micros().cast_signed()
    }

    fn record(clock: &RedisClock, asked: Duration, said: Duration, answered: Duration) {
        let redis = 5_000_000 + u64::try_from(said.as_micros()).unwrap();
        let observe = clock.observe(clock.origin + asked, clock.origin + answered, redis);
        assert_eq!(observe, Observed::AsBefore);
    }

    #[test]
    fn the_shortest_trips_tell_best_and_slow_ones_spoil_nothing() {
        let clock = RedisClock::new();
        assert_eq!(clock.instant(1), None);
        // Ten milliseconds there, none back.
        record(&clock, MS * 100, MS * 110, MS * 110);
        assert!(error(&clock, MS * 500).abs() <= 5_000);
        record(&clock, MS * 200, MS * 200, MS * 201);
        assert!(error(&clock, MS * 500).abs() <= 520);
        record(&clock, MS * 300, MS * 301, MS * 400);
        assert!(error(&clock, MS * 500).abs() <= 540);
        assert_eq!(clock.trip(), MS * 100);
        record(&clock, MS * 500, MS * 500, MS * 501);
        assert!(clock.trip() < MS * 100);
    }

    #[test]
    fn a_clock_that_was_set_is_believed() {
        let clock = RedisClock::new();
        record(&clock, MS * 10, MS * 10, MS * 11);
        let observe = clock.observe(clock.origin + MS * 20, clock.origin + MS * 21, 60_000_000);
        assert_eq!(observe, Observed::Set);
        let found = clock.instant(60_000_000).unwrap();
        let off = found.duration_since(clock.origin + MS * 20);
        assert!(off <= MS, "{off:?}");
    }
}
