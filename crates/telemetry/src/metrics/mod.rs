//! Metrics with bounded labels, as a page that Prometheus reads.
//!
//! Hides which library keeps and renders them. Whoever counts does so through the `metrics` facade; a name or a label
//! that [`METRICS`] does not know never reaches the page.

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

/// Metrics are kept once in a process.
#[derive(Debug, thiserror::Error)]
#[error("metrics are kept already")]
pub struct Installed;

impl Metrics {
    /// Begins to keep what this process counts; to be called once. These are the values of the label `kind`.
    ///
    /// # Errors
    /// When it was called before.
    pub fn install(kinds: impl IntoIterator<Item = &'static str>) -> Result<Self, Installed> {
        let kinds: Arc<[&'static str]> = kinds.into_iter().collect();
        let recorder = recorder();
        let handle = recorder.handle();
        zero::begin_at_zero(&recorder, &kinds);
        metrics::set_global_recorder(Bounded::new(recorder, Arc::clone(&kinds)))
            .map_err(|_| Installed)?;
        Ok(Self { handle, kinds })
    }

    /// The page of everything this process has counted.
    #[must_use]
    pub fn page(&self) -> String {
        self.handle.render()
    }

    /// A page of what `record` records and nothing else: for values that are read anew each time, so that none is
    /// shown when it can no longer be read.
    #[must_use]
    pub fn page_of(&self, record: impl FnOnce()) -> String {
        let recorder = recorder();
        let handle = recorder.handle();
        let bounded = Bounded::new(recorder, Arc::clone(&self.kinds));
        metrics::with_local_recorder(&bounded, record);
        handle.render()
    }

    /// Sorts durations into their buckets; to be called every few seconds, or they pile up while nobody looks.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }
}

/// An empty recorder that knows every metric's help and buckets.
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
        .expect("it fails for an empty list only, and a test holds that none is")
}
