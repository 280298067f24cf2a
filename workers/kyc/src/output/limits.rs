//! Formats limits as a table: what is set, what is used, and when the waiting jobs will be done.

use jiff::Timestamp;
use kyc_queue::{LimiterView, Rate};

use super::table::table;

/// Formats limiters as a table.
pub(crate) fn limiters(limiters: &[LimiterView]) -> String {
    let mut table = table(&[
        "scope",
        "rate",
        "today",
        "in flight",
        "waiting",
        "parked",
        "done by",
    ]);
    for limiter in limiters {
        let limits = &limiter.limits;
        table.add_row([
            limiter.scope.clone(),
            limits.rate.as_ref().map_or_else(String::new, rate),
            match &limits.daily {
                Some(daily) => {
                    format!("{} of {} ({})", limiter.used_today, daily.calls, daily.zone)
                }
                None => limiter.used_today.to_string(),
            },
            match limits.in_flight {
                Some(cap) => format!("{} of {cap}", limiter.in_flight),
                None => limiter.in_flight.to_string(),
            },
            limiter.waiting.to_string(),
            closed(limiter),
            done_by(limiter),
        ]);
    }
    table.to_string()
}

fn rate(rate: &Rate) -> String {
    let mut text = format!("{rate}, burst {}", rate.burst);
    if rate.margin != Rate::MARGIN {
        text += &format!(", margin {} ms", rate.margin.as_millis());
    }
    text
}

fn closed(limiter: &LimiterView) -> String {
    match &limiter.closed {
        Some(closed) => {
            let why = parked(&limiter.scope, &closed.reason, closed.until);
            match closed.note.as_str() {
                "" => why,
                note => format!("{why} ({note})"),
            }
        }
        None if limiter.probing => "one call at a time, until one succeeds".to_owned(),
        None => String::new(),
    }
}

fn done_by(limiter: &LimiterView) -> String {
    match limiter.done_by {
        Some(at) => format!("{at:.0}"),
        None if limiter.waiting > 0 => "not known".to_owned(),
        None => String::new(),
    }
}

/// Returns why a scope is parked, and what ends that.
pub(crate) fn parked(scope: &str, reason: &str, until: Option<Timestamp>) -> String {
    match until {
        Some(until) => format!("{reason} until {until:.0}"),
        None => format!("{reason} until resumed: {}", way_out(scope, reason)),
    }
}

/// Returns the command that resumes a parked scope.
pub(crate) fn way_out(scope: &str, reason: &str) -> String {
    match reason {
        "daily_quota" => format!("kyc limits set {scope} --daily N"),
        _ => format!("kyc limits resume {scope}"),
    }
}

#[cfg(test)]
mod tests {
    use kyc_queue::{Closed, Limits};

    use super::*;

    fn limiter() -> LimiterView {
        LimiterView {
            scope: "bvn".to_owned(),
            limits: Limits::default(),
            closed: None,
            probing: false,
            used_today: 0,
            in_flight: 0,
            waiting: 0,
            done_by: None,
        }
    }

    #[test]
    fn every_reason_says_what_ends_it() {
        let close = |reason: &str, until| LimiterView {
            closed: Some(Closed {
                reason: reason.to_owned(),
                until,
                ..Closed::default()
            }),
            ..limiter()
        };
        let at = Some(Timestamp::UNIX_EPOCH);
        let probing = LimiterView {
            probing: true,
            ..limiter()
        };
        for (limiter, said) in [
            (limiter(), ""),
            (probing, "one call at a time, until one succeeds"),
            (
                close("circuit_open", at),
                "circuit_open until 1970-01-01T00:00:00Z",
            ),
            (
                close("key_refused", None),
                "key_refused until resumed: kyc limits resume bvn",
            ),
        ] {
            assert_eq!(closed(&limiter), said);
        }
    }

    #[test]
    fn a_rate_is_told_with_what_is_not_usual() {
        let usual: Rate = "300/m".parse().unwrap();
        assert_eq!(rate(&usual), "300/m, burst 1");
        let odd = Rate {
            burst: 3,
            margin: std::time::Duration::ZERO,
            ..usual
        };
        assert_eq!(rate(&odd), "300/m, burst 3, margin 0 ms");
    }

    #[test]
    fn an_end_that_nobody_knows_is_told_only_where_something_waits() {
        let waiting = LimiterView {
            waiting: 3,
            ..limiter()
        };
        assert_eq!(
            (done_by(&limiter()).as_str(), done_by(&waiting).as_str()),
            ("", "not known")
        );
    }
}
