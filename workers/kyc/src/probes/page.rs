//! The page of metrics: those of this process, and those of the whole queue.

use std::time::Duration;

use kyc_domain::ParkReason;
use kyc_queue::Gauges;
use metrics::{counter, gauge};
use tokio::time::timeout;

use super::Probes;

/// How long reading the whole queue may take.
const LONGEST_READING: Duration = Duration::from_secs(1);

/// The value of the label `kind` for metrics that are not counted by kind.
const ALL: &str = "all";

/// Every metric that is recorded here.
#[cfg(test)]
const MEASURES: [&str; 16] = [
    "kyc_worker_leases",
    "kyc_worker_draining",
    "kyc_queue_readable",
    "kyc_queue_jobs",
    "kyc_queue_oldest_seconds",
    "kyc_queue_parked",
    "kyc_queue_parked_seconds",
    "kyc_limit_rate",
    "kyc_limit_daily",
    "kyc_limit_in_flight",
    "kyc_calls_today",
    "kyc_calls_in_flight",
    "kyc_queue_workers",
    "kyc_queue_stalls_total",
    "kyc_dead_letters_expiring",
    "kyc_dead_letters_next_drop_seconds",
];

/// The reasons for which a kind can be parked: answers to its calls, a person, its limit.
const REASONS: [&str; 11] = [
    ParkReason::RetryAfter.as_str(),
    ParkReason::Throttled.as_str(),
    ParkReason::KeyRefused.as_str(),
    ParkReason::WalletEmpty.as_str(),
    ParkReason::SandboxAnswer.as_str(),
    ParkReason::UnreadableAnswers.as_str(),
    ParkReason::WrongRecords.as_str(),
    "blob_store",
    "circuit_open",
    "paused",
    "daily_quota",
];

impl Probes {
    /// Returns all metrics. If the queue cannot be read, its only metric is `kyc_queue_readable`.
    pub(super) async fn whole_page(&self) -> String {
        gauge!("kyc_worker_leases").set(self.liveness.leases() as f64);
        gauge!("kyc_worker_draining").set(truth(self.is_draining()));
        let queue = self.page.get(async || self.queue_page().await).await;
        self.metrics.page() + &queue
    }

    async fn queue_page(&self) -> String {
        let kinds: Vec<&'static str> = kyc_kinds::names().collect();
        let reading = timeout(LONGEST_READING, self.queue.gauges(&kinds)).await;
        let gauges = reading.ok().and_then(Result::ok);
        self.metrics.page_of(|| {
            gauge!("kyc_queue_readable").set(truth(gauges.is_some()));
            if let Some(gauges) = &gauges {
                jobs(gauges);
                oldest(gauges);
                parked(gauges);
                limits(gauges);
                dead_letters(gauges);
                stalls(gauges, &kinds);
                gauge!("kyc_queue_workers").set(gauges.depths.workers as f64);
            }
        })
    }
}

fn jobs(gauges: &Gauges) {
    let depths = &gauges.depths;
    for (kind, jobs) in &depths.ready {
        gauge!("kyc_queue_jobs", "kind" => kind.clone(), "state" => "ready").set(*jobs as f64);
    }
    for (state, jobs) in [
        ("coalesced", depths.coalesced),
        ("scheduled", depths.scheduled),
        ("needs_decision", depths.needs_decision),
        ("running", depths.running),
        ("completed", depths.completed),
        ("dead", depths.dead),
        ("cancelled", depths.cancelled),
        ("inbox", depths.inbox),
        ("rejected", depths.rejected),
    ] {
        gauge!("kyc_queue_jobs", "kind" => ALL, "state" => state).set(jobs as f64);
    }
}

/// Without a job the age is 0, because a series that comes and goes is hard to monitor.
fn oldest(gauges: &Gauges) {
    let oldest = &gauges.oldest;
    for kind in gauges.depths.ready.keys() {
        let age = oldest.ready.get(kind).copied().unwrap_or_default();
        gauge!("kyc_queue_oldest_seconds", "kind" => kind.clone(), "state" => "ready").set(age);
    }
    for (state, age) in [
        ("scheduled", oldest.scheduled),
        ("needs_decision", oldest.needs_decision),
        ("dead", oldest.dead),
        ("inbox", oldest.inbox),
        ("results", oldest.results),
    ] {
        let age = age.unwrap_or_default();
        gauge!("kyc_queue_oldest_seconds", "kind" => ALL, "state" => state).set(age);
    }
}

fn parked(gauges: &Gauges) {
    for limiter in &gauges.limiters {
        let scope = &limiter.scope;
        let closed = limiter.closed.as_ref();
        for reason in REASONS {
            let is = closed.is_some_and(|closed| closed.reason == reason);
            gauge!("kyc_queue_parked", "kind" => scope.clone(), "reason" => reason).set(truth(is));
        }
        let until = closed.and_then(|closed| closed.until);
        let left = until.map_or(0, |until| until.as_millisecond() - gauges.now_ms);
        let left = left.max(0) as f64 / 1000.0;
        gauge!("kyc_queue_parked_seconds", "kind" => scope.clone()).set(left);
    }
}

/// A limit that is not set is missing, because no number can express that.
fn limits(gauges: &Gauges) {
    for limiter in &gauges.limiters {
        let (scope, limits) = (&limiter.scope, &limiter.limits);
        if let Some(rate) = &limits.rate {
            let a_second = f64::from(rate.calls) / rate.period.as_secs_f64();
            gauge!("kyc_limit_rate", "scope" => scope.clone()).set(a_second);
        }
        if let Some(daily) = &limits.daily {
            gauge!("kyc_limit_daily", "scope" => scope.clone()).set(daily.calls as f64);
        }
        if let Some(cap) = limits.in_flight {
            gauge!("kyc_limit_in_flight", "scope" => scope.clone()).set(f64::from(cap));
        }
        gauge!("kyc_calls_today", "scope" => scope.clone()).set(limiter.used_today as f64);
        gauge!("kyc_calls_in_flight", "scope" => scope.clone()).set(limiter.in_flight as f64);
    }
}

fn dead_letters(gauges: &Gauges) {
    gauge!("kyc_dead_letters_expiring").set(gauges.expiring.jobs as f64);
    if let Some(first_in) = gauges.expiring.first_in {
        gauge!("kyc_dead_letters_next_drop_seconds").set(first_in);
    }
}

fn stalls(gauges: &Gauges, kinds: &[&'static str]) {
    for kind in kinds.iter().copied() {
        for end in ["again", "held", "dead"] {
            let key = (kind.to_owned(), end.to_owned());
            let stalls = gauges.stalls.get(&key).copied().unwrap_or_default();
            counter!("kyc_queue_stalls_total", "kind" => kind, "end" => end).absolute(stalls);
        }
    }
}

fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kyc_domain::{Class, ParkReason, Verdict};
    use kyc_queue::Missed;
    use kyc_telemetry::metrics::{METRICS, Values};

    use super::*;

    #[test]
    fn what_is_recorded_is_in_the_table_and_what_is_in_the_table_is_recorded() {
        let recorded = [&MEASURES, kyc_queue::MEASURES, kyc_verification::MEASURES];
        let recorded: BTreeSet<&str> = recorded.into_iter().flatten().copied().collect();
        let known: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(recorded, known);
        let own = include_str!("page.rs");
        for name in MEASURES {
            assert!(
                own.matches(&format!("!(\"{name}\"")).count() > 0,
                "{name} is not recorded"
            );
        }
    }

    /// The values of a label, where they are these and no others.
    fn values(metric: &str, label: &str) -> &'static [&'static str] {
        let metric = METRICS.iter().find(|known| known.name == metric).unwrap();
        let (_, values) = metric
            .labels
            .iter()
            .find(|(name, _)| *name == label)
            .unwrap();
        match values {
            Values::Of(values) => values,
            _ => panic!("{label} is a kind"),
        }
    }

    #[test]
    fn every_verdict_class_and_reason_has_its_place_in_the_table() {
        let verdicts = [
            Verdict::Match,
            Verdict::PartialMatch,
            Verdict::NoMatch,
            Verdict::Found,
            Verdict::NotFound,
            Verdict::Rejected,
        ];
        let known = values("kyc_jobs_completed_total", "verdict");
        assert_eq!(known, verdicts.map(Verdict::as_str));
        let known = values("kyc_attempts_failed_total", "class");
        assert_eq!(known, Class::ALL.map(Class::as_str));
        for (class, name) in Class::ALL.iter().zip(known) {
            assert_eq!(serde_json::to_value(class).unwrap(), *name);
        }
        let by_answers = ParkReason::ALL.map(ParkReason::as_str);
        let by_queue = ["blob_store", "circuit_open"];
        let parked = values("kyc_kinds_parked_total", "reason");
        assert_eq!(parked, [&by_answers[..], &by_queue].concat());
        assert_eq!(REASONS[..parked.len()], *parked);
        assert_eq!(values("kyc_queue_parked", "reason"), REASONS);
        let missed = [Missed::Late, Missed::Closed].map(Missed::code);
        assert_eq!(values("kyc_slots_missed_total", "why"), missed);
    }
}
