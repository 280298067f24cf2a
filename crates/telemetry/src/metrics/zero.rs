//! Registers counters at zero, so that Prometheus sees their first count as an increase.

use metrics::{Key, Label, Level, Metadata, Recorder};

use super::table::{METRICS, Metric, Shape, Values};

/// Counters with more series than this are not registered.
const AT_MOST: usize = 60;

/// Registers the counters of this process at zero. Counters of the whole queue are read from Redis instead.
pub(super) fn begin_at_zero(recorder: &impl Recorder, kinds: &[&'static str]) {
    let about = Metadata::new(module_path!(), Level::INFO, None);
    let counters = METRICS
        .iter()
        .filter(|metric| metric.shape == Shape::Counter);
    for metric in counters.filter(|metric| !metric.name.starts_with("kyc_queue_")) {
        for labels in series(metric, kinds).into_iter().flatten() {
            let key = Key::from_parts(metric.name, labels);
            recorder.register_counter(&key, &about).increment(0);
        }
    }
}

/// Returns all combinations of a metric's labels in the order of the table, or `None` if there are too many.
fn series(metric: &Metric, kinds: &[&'static str]) -> Option<Vec<Vec<Label>>> {
    let mut all = vec![Vec::new()];
    for (name, values) in metric.labels {
        let values = match values {
            Values::Kinds | Values::KindsAndAll | Values::KindsAndAccount => kinds,
            Values::Of(values) => values,
        };
        let one_more = |before: &Vec<Label>| {
            let before = before.clone();
            values.iter().map(move |value| {
                let mut labels = before.clone();
                labels.push(Label::from_static_parts(name, value));
                labels
            })
        };
        all = all.iter().flat_map(one_more).collect();
    }
    (all.len() <= AT_MOST).then_some(all)
}
