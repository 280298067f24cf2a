//! Metrics with bounded labels, rendered as a page for Prometheus.
//!
//! Hides which library stores and renders them. Code records metrics through the facade of the crate `metrics`. Names
//! and labels that are not in [`METRICS`] never reach the page.

mod bounded;
mod table;
#[cfg(test)]
mod tests;
mod zero;

use std::sync::Arc;

use metrics::Recorder;
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use bounded::Bounded;
pub use table::{Buckets, METRICS, Metric, Shape, Values};

/// The media type of a page.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    kinds: Arc<[&'static str]>,
}

/// The recorder of this process is already installed.
#[derive(Debug, thiserror::Error)]
#[error("a recorder of metrics is already installed in this process")]
pub struct Installed;

impl Metrics {
    /// Installs the recorder of this process. Must be called once. `kinds` are the values of the label `kind`.
    ///
    /// # Errors
    /// Returns [`Installed`] if a recorder is already installed.
    pub fn install(kinds: impl IntoIterator<Item = &'static str>) -> Result<Self, Installed> {
        let kinds: Arc<[&'static str]> = kinds.into_iter().collect();
        let recorder = recorder();
        let handle = recorder.handle();
        zero::begin_at_zero(&recorder, &kinds);
        metrics::set_global_recorder(Bounded::new(recorder, Arc::clone(&kinds)))
            .map_err(|_| Installed)?;
        Ok(Self { handle, kinds })
    }

    /// Renders the page of all metrics that this process has recorded.
    #[must_use]
    pub fn page(&self) -> String {
        self.handle.render()
    }

    /// Renders a page with only the metrics that `record` records.
    ///
    /// Use it for values that are read for each page, so that a value that can no longer be read is not on the page.
    #[must_use]
    pub fn page_of(&self, record: impl FnOnce()) -> String {
        let recorder = recorder();
        let handle = recorder.handle();
        let bounded = Bounded::new(recorder, Arc::clone(&self.kinds));
        metrics::with_local_recorder(&bounded, record);
        handle.render()
    }

    /// Sorts recorded durations into their buckets. Must be called every few seconds, because durations accumulate in
    /// memory between pages.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }
}

/// Returns an empty recorder with the help texts and buckets of all metrics.
fn recorder() -> PrometheusRecorder {
    let builder = METRICS.iter().fold(PrometheusBuilder::new(), with_buckets);
    let recorder = builder.build_recorder();
    for metric in METRICS {
        let (name, help) = (metric.name.into(), metric.help.into());
        match metric.shape {
            Shape::Counter => recorder.describe_counter(name, None, help),
            Shape::Gauge => recorder.describe_gauge(name, None, help),
            Shape::Histogram(_) => recorder.describe_histogram(name, None, help),
        }
    }
    recorder
}

fn with_buckets(builder: PrometheusBuilder, metric: &Metric) -> PrometheusBuilder {
    let Shape::Histogram(buckets) = metric.shape else {
        return builder;
    };
    builder
        .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)
        .expect("it fails only for an empty list, and a test checks that no list is empty")
}
