//! Forecasts when a job will be sent, from its position in the ready queue and the limiters. Pure
//! functions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::limits::{Limiter, Rate};

/// Of seven jobs, how many are of priority high, normal and low while all three have jobs.
/// `lease.lua` uses the same numbers.
const WEIGHTS: [f64; 3] = [4.0, 2.0, 1.0];

/// The number of jobs that are sent before a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ahead(pub(crate) u64);

/// The lengths of a kind's ready queues: high, normal, low.
pub(crate) type Lengths = [u64; 3];

impl Ahead {
    /// Returns how many jobs are sent before the one at position `place`, counted from 0, of the
    /// ready queue `list`, while the other ready queues are served too.
    pub(crate) fn of(lengths: Lengths, list: usize, place: u64) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "jobs in the ready queue are fewer than 2^53"
        )]
        let (mut left, mut own) = (lengths.map(|length| length as f64), place as f64);
        left[list] = own;
        let mut before = 0.0;
        // At least one ready queue becomes empty in each step.
        for _ in 0..lengths.len() {
            let waits = |nth: &usize| *nth == list || left[*nth] > 0.0;
            let waiting: Vec<usize> = (0..lengths.len()).filter(waits).collect();
            let rounds = waiting.iter().map(|nth| left[*nth] / WEIGHTS[*nth]);
            let rounds = rounds.fold(f64::INFINITY, f64::min);
            for nth in waiting {
                let sent = rounds * WEIGHTS[nth];
                before += sent;
                left[nth] -= sent;
            }
            own = left[list];
            if own < 0.5 {
                break;
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of jobs"
        )]
        Self(before.round() as u64)
    }

    /// Returns when the job is sent if nothing else intervenes, or `None` while a limiter is closed
    /// until it is resumed, or if the speed of calls is unknown. Without a rate, the recently
    /// observed interval between calls is used.
    pub(crate) fn expected(
        self,
        now: Timestamp,
        limiters: [&Limiter; 2],
        observed_us: Option<u64>,
    ) -> Option<Timestamp> {
        let mut start = now;
        for limiter in limiters {
            match limiter.closed(now) {
                Some(closed) => start = start.max(closed.until?),
                None => start = start.max(limiter.next_call(now)),
            }
        }
        let limited = limiters.iter().any(|limiter| limiter.limits.rate.is_some());
        let times = limiters.map(|limiter| {
            let own = limiter.limits.rate.as_ref().map(Rate::interval_us);
            let interval = own.or(observed_us.filter(|_| !limited));
            self.through(limiter, now, start, interval.unwrap_or_default())
        });
        if !limited && observed_us.is_none() && self.0 > 0 {
            return None;
        }
        times
            .into_iter()
            .try_fold(start, |latest, at| Some(latest.max(at?)))
    }

    /// Returns when a limiter has let through all jobs that are ahead.
    fn through(
        self,
        limiter: &Limiter,
        now: Timestamp,
        start: Timestamp,
        interval_us: u64,
    ) -> Option<Timestamp> {
        let (mut calls, mut start) = (self.0, start);
        if let (Some((left, day_ends)), Some(daily)) =
            (limiter.rest_of_day(now), &limiter.limits.daily)
        {
            let left = if start < day_ends { left } else { 0 };
            if calls >= left {
                let (days, rest) = ((calls - left) / daily.calls, (calls - left) % daily.calls);
                let days = SignedDuration::from_hours(24).checked_mul(i32::try_from(days).ok()?)?;
                start = start.max(day_ends).checked_add(days).ok()?;
                calls = rest;
            }
        }
        let takes = i64::try_from(calls.checked_mul(interval_us)?).ok()?;
        start.checked_add(SignedDuration::from_micros(takes)).ok()
    }
}

/// Returns the time between two calls of a kind, from the counts of past minutes, newest last.
pub(crate) fn observed_interval(kind: &str, minutes: &[BTreeMap<String, u64>]) -> Option<u64> {
    const MINUTE_US: u64 = 60_000_000;
    let counted = format!("calls {kind}");
    let calls: u64 = minutes
        .iter()
        .filter_map(|minute| minute.get(&counted))
        .sum();
    let time = MINUTE_US * u64::try_from(minutes.len()).ok()?;
    time.checked_div(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(fields: &[(&str, &str)]) -> Limiter {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Limiter::read(&fields.collect())
    }

    #[test]
    fn ready_queues_take_turns_by_their_weights() {
        for (lengths, list, place, ahead) in [
            ([0, 1, 0], 1, 0, 0),
            ([0, 100, 0], 1, 99, 99),
            // Of seven jobs two are normal.
            ([1000, 1000, 1000], 1, 2, 7),
            ([1000, 1000, 1000], 0, 40, 70),
            ([1000, 1000, 1000], 2, 10, 70),
            // The four high ones are sent in the first round; then two of three are normal.
            ([4, 1000, 1000], 2, 10, 34),
            ([0, 0, 1000], 2, 10, 10),
        ] {
            assert_eq!(
                Ahead::of(lengths, list, place),
                Ahead(ahead),
                "{lengths:?} {list} {place}"
            );
        }
    }

    #[test]
    fn a_turn_comes_by_the_slowest_limiter() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let seconds = |seconds| now + SignedDuration::from_secs(seconds);
        let open = limiter(&[]);
        let rate = limiter(&[
            ("rate", "10"),
            ("period", "1000"),
            ("margin", "0"),
            ("burst", "1"),
        ]);
        let paused = limiter(&[("until", "-1"), ("reason", "paused")]);
        let parked = limiter(&[("until", "1000030000"), ("reason", "retry_after")]);
        let quota = limiter(&[
            ("rate", "10"),
            ("period", "1000"),
            ("margin", "0"),
            ("burst", "1"),
            ("daily", "100"),
            ("used", "90"),
            ("day_to", "1000100000"),
        ]);
        let day = 24 * 3600;
        for (ahead, limiters, observed, expected) in [
            (50, [&rate, &open], None, Some(seconds(5))),
            (50, [&open, &rate], None, Some(seconds(5))),
            (50, [&paused, &rate], None, None),
            (0, [&parked, &open], None, Some(seconds(30))),
            (0, [&open, &open], None, Some(now)),
            (50, [&open, &open], None, None),
            (50, [&open, &open], Some(2_000_000), Some(seconds(100))),
            (
                9,
                [&quota, &open],
                None,
                Some(now + SignedDuration::from_millis(900)),
            ),
            (10, [&quota, &open], None, Some(seconds(100))),
            (120, [&quota, &open], None, Some(seconds(100 + day + 1))),
        ] {
            assert_eq!(
                Ahead(ahead).expected(now, limiters, observed),
                expected,
                "{ahead} {limiters:?}"
            );
        }
    }

    #[test]
    fn what_was_counted_lately_tells_how_fast_calls_go() {
        let minute = |calls| BTreeMap::from([("calls bvn".to_owned(), calls)]);
        assert_eq!(
            observed_interval("bvn", &[minute(30), minute(90)]),
            Some(1_000_000)
        );
        assert_eq!(observed_interval("nin", &[minute(30)]), None);
    }
}
