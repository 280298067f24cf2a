//! How a limiter stands, read from its fields as the scripts leave them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::limits::{Limits, zone};

/// A limiter: one before each kind, and the account's before all of them.
#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    pub(crate) limits: Limits,
    /// By a person.
    paused: bool,
    /// In milliseconds; -1 until a person resumes it.
    closed_until: i64,
    reason: String,
    pauses: u32,
    probed: bool,
    /// What its rate has reached, in microseconds.
    pub(crate) next_us: i64,
    pub(crate) used: u64,
    day_to: i64,
    pub(crate) running: u64,
}

/// Closed, for a reason and perhaps until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// `retry_after`, `throttled`, `circuit_open`, `key_refused`, `wallet_empty`, or `paused` by a person; `daily_quota`
    /// when the day's calls are used up.
    pub reason: String,
    /// `None` until a person resumes it.
    pub until: Option<Timestamp>,
}

/// Why a limiter does not let a job through now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) why: String,
    pub(crate) until: Option<Timestamp>,
}

/// A scope's limits, and how it stands against them.
#[derive(Clone, Debug, Serialize)]
pub struct LimiterView {
    /// A kind, or `account`.
    pub scope: String,
    /// What it is set to.
    pub limits: Limits,
    /// Closed, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// After a pause one call goes at a time, until one succeeds.
    pub probing: bool,
    /// Calls of today, by the zone of its daily quota or else by Lagos.
    pub used_today: u64,
    /// Jobs in the hands of workers.
    pub in_flight: u64,
    /// Jobs in the ready queue.
    pub waiting: u64,
    /// When those in the ready queue will have been sent, if nothing else comes in between; `None` where that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_by: Option<Timestamp>,
}

impl Limiter {
    pub(crate) fn read(fields: &BTreeMap<String, String>) -> Self {
        let number = |name: &str| {
            let text = fields.get(name)?;
            // What the scripts write may have a fraction.
            text.split('.').next()?.parse::<i64>().ok()
        };
        let count = |name| u64::try_from(number(name).unwrap_or_default()).unwrap_or_default();
        Self {
            limits: Limits::read(fields),
            paused: fields.contains_key("paused"),
            closed_until: number("until").unwrap_or_default(),
            reason: fields.get("reason").cloned().unwrap_or_default(),
            pauses: u32::try_from(count("pauses")).unwrap_or(u32::MAX),
            probed: fields.contains_key("probe"),
            next_us: number("next").unwrap_or_default(),
            used: count("used"),
            day_to: number("day_to").unwrap_or_default(),
            running: count("running"),
        }
    }

    /// Whether what it has counted is of the day in which this moment lies.
    pub(crate) fn counts_at(&self, now: Timestamp) -> bool {
        now.as_millisecond() < self.day_to
    }

    /// Calls of the day in which this moment lies.
    pub(crate) fn used_at(&self, now: Timestamp) -> u64 {
        if self.counts_at(now) { self.used } else { 0 }
    }

    /// Calls that the day still has, and when it ends; `None` without a quota.
    pub(crate) fn rest_of_day(&self, now: Timestamp) -> Option<(u64, Timestamp)> {
        let daily = self.limits.daily.as_ref()?;
        let left = daily.calls.saturating_sub(self.used_at(now));
        let known = time(self.day_to).filter(|end| *end > now);
        // Of a day in which nothing was sent yet nobody wrote down the end.
        let days = || zone::days(&daily.zone, now).ok();
        let end = known.or_else(|| time(days()?.today_ends_ms));
        Some((left, end.unwrap_or(now)))
    }

    /// Whether calls go one at a time, until one succeeds.
    pub(crate) fn probes(&self) -> bool {
        self.pauses > 0
    }

    /// Closed by an answer, by a person, or because the day is used up.
    pub(crate) fn closed(&self, now: Timestamp) -> Option<Closed> {
        let closed = |reason: &str, until| {
            Some(Closed {
                reason: reason.to_owned(),
                until,
            })
        };
        if self.paused {
            return closed("paused", None);
        }
        if self.closed_until == -1 {
            return closed(&self.reason, None);
        }
        if self.closed_until > now.as_millisecond() {
            return closed(&self.reason, time(self.closed_until));
        }
        match self.rest_of_day(now) {
            Some((0, end)) => closed("daily_quota", Some(end)),
            _ => None,
        }
    }

    /// What holds the next job, if anything does.
    pub(crate) fn hold(&self, now: Timestamp) -> Option<Hold> {
        if let Some(closed) = self.closed(now) {
            return Some(Hold {
                why: closed.reason,
                until: closed.until,
            });
        }
        let hold = |why: &str, until| {
            Some(Hold {
                why: why.to_owned(),
                until,
            })
        };
        if self
            .limits
            .in_flight
            .is_some_and(|cap| self.running >= u64::from(cap))
        {
            return hold("in_flight", None);
        }
        if self.probes() && self.probed && self.running > 0 {
            return hold("probing", None);
        }
        let next = self.next_call(now);
        if next > now {
            return hold("rate", Some(next));
        }
        None
    }

    /// When its rate lets the next call through.
    pub(crate) fn next_call(&self, now: Timestamp) -> Timestamp {
        let Some(rate) = &self.limits.rate else {
            return now;
        };
        let ahead = u64::from(rate.burst.saturating_sub(1)) * rate.interval_us();
        let next = self.next_us.saturating_sub_unsigned(ahead);
        Timestamp::from_microsecond(next).map_or(now, |next| next.max(now))
    }
}

fn time(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}
