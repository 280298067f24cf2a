//! A recorder that accepts only the metrics and labels of the table.
//!
//! Names, labels and label values are replaced by the texts of the table, so personal data cannot become a label.

use std::sync::Arc;

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
};
use metrics_exporter_prometheus::PrometheusRecorder;

use super::table::{Shape, Values, find};

/// Replaces a label value that is not in the table.
const OTHER: &str = "other";
/// The value of `kind` for what is not counted by kind.
const ALL: &str = "all";
/// The value for all kinds together.
const ACCOUNT: &str = "account";

/// Passes metrics of the table to the inner recorder.
pub(super) struct Bounded {
    inner: PrometheusRecorder,
    kinds: Arc<[&'static str]>,
}

impl Bounded {
    pub(super) fn new(inner: PrometheusRecorder, kinds: Arc<[&'static str]>) -> Self {
        Self { inner, kinds }
    }

    /// Returns the key with the texts of the table, or `None` if the metric is not in the table or has another shape.
    fn admit(&self, key: &Key, fits: fn(Shape) -> bool) -> Option<Key> {
        let metric = find(key.name()).filter(|metric| fits(metric.shape))?;
        // In the order of the table, because the order of labels distinguishes series too.
        let labels = metric.labels.iter();
        let labels: Vec<Label> = labels
            .filter_map(|(name, values)| self.label(key, name, *values))
            .collect();
        Some(Key::from_parts(metric.name, labels))
    }

    fn label(&self, key: &Key, name: &'static str, values: Values) -> Option<Label> {
        let label = key.labels().find(|label| label.key() == name)?;
        let kinds = || self.kinds.iter().copied();
        let is = |value: &&'static str| *value == label.value();
        let value = match values {
            Values::Kinds => kinds().find(is),
            Values::KindsAndAll => kinds().chain([ALL]).find(is),
            Values::KindsAndAccount => kinds().chain([ACCOUNT]).find(is),
            Values::Of(values) => values.iter().copied().find(is),
        };
        Some(Label::from_static_parts(name, value.unwrap_or(OTHER)))
    }
}

impl Recorder for Bounded {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, help: SharedString) {
        self.inner.describe_counter(key, unit, help);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, help: SharedString) {
        self.inner.describe_gauge(key, unit, help);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, help: SharedString) {
        self.inner.describe_histogram(key, unit, help);
    }

    fn register_counter(&self, key: &Key, about: &Metadata<'_>) -> Counter {
        let key = self.admit(key, |shape| shape == Shape::Counter);
        key.map_or_else(Counter::noop, |key| {
            self.inner.register_counter(&key, about)
        })
    }

    fn register_gauge(&self, key: &Key, about: &Metadata<'_>) -> Gauge {
        let key = self.admit(key, |shape| shape == Shape::Gauge);
        key.map_or_else(Gauge::noop, |key| self.inner.register_gauge(&key, about))
    }

    fn register_histogram(&self, key: &Key, about: &Metadata<'_>) -> Histogram {
        let key = self.admit(key, |shape| matches!(shape, Shape::Histogram(_)));
        key.map_or_else(Histogram::noop, |key| {
            self.inner.register_histogram(&key, about)
        })
    }
}
