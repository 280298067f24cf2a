//! The state of a limiter, parsed from the fields that the scripts write.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::limits::{Limits, zone};

/// A limiter. Each kind has one, and the account has one for all kinds together.
#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    pub(crate) limits: Limits,
    /// Until when a person paused it, in milliseconds since 1970; 1 until it is resumed; 0 if nobody did.
    paused: i64,
    /// Who paused it, and why.
    paused_by: String,
    paused_note: String,
    /// In milliseconds since 1970; -1 until it is resumed.
    closed_until: i64,
    reason: String,
    pauses: u32,
    probed: bool,
    /// The time that its rate has reached, in microseconds.
    pub(crate) next_us: i64,
    pub(crate) used: u64,
    day_to: i64,
    pub(crate) running: u64,
}

/// Why a limiter is closed, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// `retry_after`, `throttled`, `circuit_open`, `key_refused` or `wallet_empty`; `paused` if a
    /// person paused it; `daily_quota` if the day's calls are used up.
    pub reason: String,
    /// When it opens again; `None` if it stays closed until it is resumed.
    pub until: Option<Timestamp>,
    /// Who paused it, if that is known of a pause by a person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Why that person paused it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Why a limiter does not let a job through now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) why: String,
    pub(crate) until: Option<Timestamp>,
}

/// The limits of a scope and their current use.
#[derive(Clone, Debug, Serialize)]
pub struct LimiterView {
    /// A kind, or `account`.
    pub scope: String,
    /// Its limits.
    pub limits: Limits,
    /// Why it is closed, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// Whether calls go one at a time after a pause, until one succeeds.
    pub probing: bool,
    /// Calls of today, in the time zone of its daily quota, or of Lagos if it has none.
    pub used_today: u64,
    /// Jobs that workers have leased.
    pub in_flight: u64,
    /// Jobs in the ready queues.
    pub waiting: u64,
    /// When all jobs in the ready queues will have been sent, if no others come; `None` if that
    /// cannot be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_by: Option<Timestamp>,
}

impl Limiter {
    pub(crate) fn read(fields: &BTreeMap<String, String>) -> Self {
        let number = |name: &str| {
            let text = fields.get(name)?;
            // The scripts may write numbers with a fraction.
            text.split('.').next()?.parse::<i64>().ok()
        };
        let count = |name| u64::try_from(number(name).unwrap_or_default()).unwrap_or_default();
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self {
            limits: Limits::read(fields),
            paused: number("paused").unwrap_or_default(),
            paused_by: text("paused_by"),
            paused_note: text("paused_note"),
            closed_until: number("until").unwrap_or_default(),
            reason: text("reason"),
            pauses: u32::try_from(count("pauses")).unwrap_or(u32::MAX),
            probed: fields.contains_key("probe"),
            next_us: number("next").unwrap_or_default(),
            used: count("used"),
            day_to: number("day_to").unwrap_or_default(),
            running: count("running"),
        }
    }

    /// Returns whether its count is of the day that contains `now`.
    pub(crate) fn counts_at(&self, now: Timestamp) -> bool {
        now.as_millisecond() < self.day_to
    }

    /// Returns the calls of the day that contains `now`.
    pub(crate) fn used_at(&self, now: Timestamp) -> u64 {
        if self.counts_at(now) { self.used } else { 0 }
    }

    /// Returns the calls that are left today, and when the day ends; `None` without a quota.
    pub(crate) fn rest_of_day(&self, now: Timestamp) -> Option<(u64, Timestamp)> {
        let daily = self.limits.daily.as_ref()?;
        let left = daily.calls.saturating_sub(self.used_at(now));
        let known = time(self.day_to).filter(|end| *end > now);
        // The end of a day is written with its first call.
        let days = || zone::days(&daily.zone, now).ok();
        let end = known.or_else(|| time(days()?.today_ends_ms));
        Some((left, end.unwrap_or(now)))
    }

    /// Returns whether calls go one at a time, until one succeeds.
    pub(crate) fn probes(&self) -> bool {
        self.pauses > 0
    }

    /// Returns why it is closed: by an answer, by a person, or because the day's calls are used up.
    pub(crate) fn closed(&self, now: Timestamp) -> Option<Closed> {
        let closed = |reason: &str, until| {
            Some(Closed {
                reason: reason.to_owned(),
                until,
                ..Closed::default()
            })
        };
        if self.paused == 1 || self.paused > now.as_millisecond() {
            return Some(Closed {
                reason: "paused".to_owned(),
                until: time(self.paused).filter(|_| self.paused > 1),
                by: self.paused_by.clone(),
                note: self.paused_note.clone(),
            });
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

    /// Returns what holds back the next job, if anything does.
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

    /// Returns when its rate allows the next call.
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
