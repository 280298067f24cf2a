//! Limits as the API shows and takes them.

use std::time::Duration;

use jiff::Timestamp;
use kyc_queue::{Change, Closed, Daily, LimitChanges, LimiterView, Limits, Rate};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fields::Fields;

/// The limits of a scope, and what is used of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limiter)]
pub(super) struct View {
    /// A kind, or `account` for all kinds together.
    #[schema(example = "bvn")]
    scope: String,
    limits: LimitsView,
    /// Why it sends nothing, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedView>,
    /// Whether calls go one at a time after a pause, until one succeeds.
    probing: bool,
    /// Calls of today, in the time zone of the daily quota, or of Lagos.
    used_today: u64,
    /// Jobs that workers have.
    in_flight: u64,
    /// Jobs in the ready queues.
    waiting: u64,
    /// When these will have been sent, if no others come; missing if that cannot be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    done_by: Option<Timestamp>,
}

/// Limits. One that is missing does not limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits, example = json!({ "rate": "300/m", "burst": 1, "daily": 10_000, "in_flight": 20 }))]
pub(super) struct LimitsView {
    /// Calls in any period of 1 s to 24 h: `5/s`, `300/m`, `1000/h`, `2/10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<String>,
    /// Calls that may be sent at once after a quiet time; 1 unless it is set. Needs a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    burst: Option<u32>,
    /// How much longer than the rate's period its calls are spread over, in milliseconds; 25 unless it is set. Needs a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    margin_ms: Option<u64>,
    /// Calls from midnight to midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    daily: Option<u64>,
    /// The time zone of that midnight; `Africa/Lagos` unless it is set. Needs a daily quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// Jobs that workers hold at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_flight: Option<u32>,
}

/// Why a scope sends nothing, and until when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closed)]
pub(super) struct ClosedView {
    /// A stable code: `paused` by a person; `daily_quota`; `retry_after`, `throttled`, `circuit_open`, `key_refused`, `wallet_empty`,
    /// `sandbox_answer`, `unreadable_answers`, `wrong_records`, `blob_store` by answers.
    #[schema(example = "paused")]
    reason: String,
    /// When it opens by itself; missing if it must be resumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Who paused it: the id of an API key, or `kyc` for the command line.
    #[serde(skip_serializing_if = "String::is_empty")]
    by: String,
    /// Why that person paused it.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

impl View {
    pub(super) fn of(limiter: LimiterView) -> Self {
        Self {
            scope: limiter.scope,
            limits: LimitsView::of(limiter.limits),
            closed: limiter.closed.map(ClosedView::of),
            probing: limiter.probing,
            used_today: limiter.used_today,
            in_flight: limiter.in_flight,
            waiting: limiter.waiting,
            done_by: limiter.done_by,
        }
    }
}

impl LimitsView {
    fn of(limits: Limits) -> Self {
        let Limits {
            rate,
            daily,
            in_flight,
        } = limits;
        Self {
            rate: rate.as_ref().map(Rate::to_string),
            burst: rate.as_ref().map(|rate| rate.burst),
            margin_ms: rate.and_then(|rate| u64::try_from(rate.margin.as_millis()).ok()),
            daily: daily.as_ref().map(|daily| daily.calls),
            zone: daily.map(|Daily { zone, .. }| zone),
            in_flight,
        }
    }
}

impl ClosedView {
    pub(super) fn of(closed: Closed) -> Self {
        let Closed {
            reason,
            until,
            by,
            note,
        } = closed;
        Self {
            reason,
            until,
            by,
            note,
        }
    }
}

/// Takes limits from a body, in the form of [`LimitsView`]. `null` removes a limit, and one that is not named stays.
pub(super) fn changes(fields: &mut Fields) -> LimitChanges {
    let in_flight = "write how many jobs workers may hold at once, or null";
    LimitChanges {
        rate: rate(fields),
        burst: fields.number("burst", "write a number like 1"),
        margin: fields
            .number("margin_ms", "write milliseconds, like 25")
            .map(Duration::from_millis),
        daily: change(fields, "daily", "write calls a day, or null"),
        zone: fields.text("zone"),
        in_flight: change(fields, "in_flight", in_flight),
    }
}

fn rate(fields: &mut Fields) -> Change<Rate> {
    match fields.take("rate") {
        None => Change::Stays,
        Some(Value::Null) => Change::Goes,
        Some(value) => {
            let read = value.as_str().map(str::parse::<Rate>);
            if let Some(Ok(rate)) = read {
                return Change::Is(rate);
            }
            let remedy = "write calls in a period of 1 s to 24 h, like 5/s, 300/m, 1000/h or 2/10s";
            fields.wrong("rate", "cannot be read", remedy);
            Change::Stays
        }
    }
}

fn change<T: TryFrom<u64>>(fields: &mut Fields, name: &str, remedy: &str) -> Change<T> {
    match fields.take(name) {
        None => Change::Stays,
        Some(Value::Null) => Change::Goes,
        Some(value) => {
            let number = value.as_u64().and_then(|number| T::try_from(number).ok());
            number.map_or_else(
                || {
                    fields.wrong(name, "is not a whole number in range", remedy);
                    Change::Stays
                },
                Change::Is,
            )
        }
    }
}
