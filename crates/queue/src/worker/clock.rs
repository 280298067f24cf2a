//! An estimate of Redis' clock on this machine. Slots are times of Redis' clock, so to wait for one
//! a worker must know the offset of its own monotonic clock.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// The maximum drift between two quartz clocks, as a part of the elapsed time.
const DRIFT: f64 = 100e-6;
/// The assumed round trip before the first answer. The first one may take long, and a slot that
/// passes on the way is useless.
const FIRST_TRIP: Duration = Duration::from_millis(60);

/// An estimate that improves with each answer that contains Redis' time.
pub(crate) struct RedisClock {
    origin: Instant,
    known: Mutex<Known>,
}

/// What an answer showed about the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observed {
    /// The clock continued as expected.
    AsBefore,
    /// The clock was set, or another server took over: earlier times are not comparable.
    Set,
}

/// The bounds of Redis' time minus the time since the origin, in microseconds.
#[derive(Clone, Copy)]
struct Known {
    least: f64,
    most: f64,
    at: Instant,
    /// The longest recent round trip.
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

    /// Records that Redis reported this time, in microseconds since 1970, at some moment between
    /// request and answer.
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
        // If the bounds contradict each other, only the new ones are valid.
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

    /// Returns when Redis' clock shows this time, as precisely as it is known; `None` before the
    /// first answer.
    pub(crate) fn instant(&self, redis_us: u64) -> Option<Instant> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = f64::midpoint(known.least, known.most);
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 microseconds")]
        let since_origin = redis_us as f64 - offset;
        let known = since_origin.is_finite();
        known.then(|| self.origin + Duration::from_secs_f64(since_origin.max(0.0) / 1e6))
    }

    /// Returns the current time by Redis' clock, or by this machine's own clock before the first
    /// answer.
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

    /// Returns how long an answer may take, from recent ones.
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

    /// Returns the error of the estimate, in microseconds. Redis' clock is 5 s ahead of the origin.
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
        // The request takes 10 ms, the answer none.
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
