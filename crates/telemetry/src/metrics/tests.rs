//! Tests that the table follows the conventions and that the recorder follows the table.

use std::collections::BTreeSet;

use super::{METRICS, Metrics, Shape, Values, recorder, zero};

const KINDS: [&str; 2] = ["bvn", "nin"];

fn metrics() -> Metrics {
    Metrics {
        handle: recorder().handle(),
        kinds: KINDS.into(),
    }
}

#[test]
fn every_metric_is_described_and_named_by_convention() {
    let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), METRICS.len(), "a name occurs twice");
    for metric in METRICS {
        let name = metric.name;
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
        assert!(
            name.starts_with("kyc_") && name.bytes().all(plain),
            "{name}"
        );
        assert!(
            metric.help.len() > 10 && metric.help.ends_with('.'),
            "{name} has no help"
        );
        assert_eq!(
            name.ends_with("_total"),
            metric.shape == Shape::Counter,
            "{name}"
        );
        if let Shape::Histogram(buckets) = metric.shape {
            assert!(name.ends_with("_seconds") && !buckets.is_empty(), "{name}");
            assert!(buckets.is_sorted(), "{name}");
        }
    }
}

#[test]
fn every_label_has_a_bounded_set_of_values() {
    for metric in METRICS {
        let mut series = 1;
        for (label, values) in metric.labels {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            series *= match values {
                // Six kinds, `all` or `account`, and `other`.
                Values::Kinds | Values::KindsAndAll | Values::KindsAndAccount => 8,
                Values::Of(values) => {
                    let distinct: BTreeSet<_> = values.iter().collect();
                    assert_eq!(distinct.len(), values.len(), "{} {label}", metric.name);
                    assert!(
                        values.iter().all(|value| value.bytes().all(plain)),
                        "{label}"
                    );
                    values.len() + 1
                }
            };
        }
        assert!(series < 500, "{} can have {series} series", metric.name);
    }
}

#[test]
fn a_value_that_is_not_in_the_table_becomes_other() {
    let page = metrics().page_of(|| {
        metrics::counter!("kyc_jobs_dead_total", "kind" => "bvn", "code" => "http_500")
            .increment(2);
        metrics::counter!("kyc_jobs_dead_total", "kind" => "22212345678", "code" => "Adebayo")
            .increment(1);
        metrics::counter!("kyc_jobs_dead_total", "kind" => "nin", "code" => "http_599")
            .increment(1);
        metrics::gauge!("kyc_queue_jobs", "kind" => "all", "state" => "dead").set(3.0);
        metrics::gauge!("kyc_calls_today", "scope" => "account").set(4.0);
        metrics::gauge!("kyc_calls_today", "scope" => "all").set(5.0);
    });
    for line in [
        "kyc_calls_today{scope=\"account\"} 4\n",
        "kyc_calls_today{scope=\"other\"} 5\n",
        "kyc_jobs_dead_total{kind=\"bvn\",code=\"http_500\"} 2\n",
        "kyc_jobs_dead_total{kind=\"other\",code=\"other\"} 1\n",
        "kyc_jobs_dead_total{kind=\"nin\",code=\"other\"} 1\n",
        "kyc_queue_jobs{kind=\"all\",state=\"dead\"} 3\n",
        "# TYPE kyc_jobs_dead_total counter\n",
        "# HELP kyc_jobs_dead_total Jobs that this worker has declared dead",
    ] {
        assert!(page.contains(line), "{line} is not in:\n{page}");
    }
    assert!(!page.contains("222") && !page.contains("Adebayo"), "{page}");
}

#[test]
fn a_name_a_label_or_a_shape_that_is_not_in_the_table_is_not_shown() {
    let page = metrics().page_of(|| {
        metrics::counter!("kyc_unknown_total").increment(1);
        metrics::gauge!("kyc_jobs_dead_total").set(1.0);
        metrics::counter!("kyc_jobs_retried_total", "kind" => "bvn", "number" => "22212345678")
            .increment(1);
    });
    assert!(
        !page.contains("unknown") && !page.contains("dead"),
        "{page}"
    );
    assert!(
        page.contains("kyc_jobs_retried_total{kind=\"bvn\"} 1\n"),
        "{page}"
    );
    assert!(!page.contains("number"), "{page}");
}

#[test]
fn durations_are_counted_in_buckets() {
    let page = metrics().page_of(|| {
        metrics::histogram!("kyc_job_seconds", "kind" => "bvn").record(0.3);
    });
    for line in [
        "# TYPE kyc_job_seconds histogram\n",
        "kyc_job_seconds_bucket{kind=\"bvn\",le=\"0.25\"} 0\n",
        "kyc_job_seconds_bucket{kind=\"bvn\",le=\"0.5\"} 1\n",
        "kyc_job_seconds_count{kind=\"bvn\"} 1\n",
    ] {
        assert!(page.contains(line), "{line} is not in:\n{page}");
    }
}

#[test]
fn a_page_of_its_own_leaves_nothing_behind() {
    let metrics = metrics();
    let first = metrics.page_of(|| metrics::gauge!("kyc_queue_workers").set(2.0));
    assert!(first.contains("kyc_queue_workers 2\n"), "{first}");
    assert_eq!(metrics.page_of(|| ()), "");
    assert!(!metrics.page().contains("workers"));
}

#[test]
fn counters_with_few_series_start_at_zero() {
    let recorder = recorder();
    zero::begin_at_zero(&recorder, &KINDS);
    let page = recorder.handle().render();
    for line in [
        "kyc_jobs_completed_total{kind=\"nin\",verdict=\"found\"} 0\n",
        "kyc_leases_lost_total 0\n",
        "kyc_redis_troubles_total{operation=\"renew\"} 0\n",
    ] {
        assert!(page.contains(line), "{line} is not in:\n{page}");
    }
    assert!(
        !page.contains("dead_total") && !page.contains("queue"),
        "{page}"
    );
}
