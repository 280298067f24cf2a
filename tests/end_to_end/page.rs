//! The HTTP port of a worker: probes, and the page of metrics, parsed as Prometheus does.

use std::{collections::BTreeMap, time::Duration};

use kyc_tests::{Program, World, eventually};
use serde_json::Value;

/// The setting for any free port.
pub(crate) const LISTEN: (&str, &str) = ("probe_listen", "127.0.0.1:0");

/// The port of a worker.
pub(crate) struct Port {
    url: String,
    client: reqwest::Client,
}

impl Port {
    /// Finds the port in the worker's log.
    pub(crate) async fn of(worker: &Program) -> Self {
        let url = eventually("the worker says where it answers", async || {
            let log = worker.log();
            let (_, rest) = log.split_once("listen=\"")?;
            Some(format!("http://{}", rest.split_once('"')?.0))
        })
        .await;
        // The time-out of a probe: a Redis that hangs must not delay an answer.
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10));
        Self {
            url,
            client: client.build().unwrap(),
        }
    }

    /// Starts a worker with these settings, and returns its port too.
    pub(crate) async fn worker(
        world: &World,
        name: &str,
        settings: &[(&str, &str)],
    ) -> (Program, Self) {
        let settings: Vec<_> = settings.iter().copied().chain([LISTEN]).collect();
        let worker = world.worker(name, &settings).await;
        let port = Self::of(&worker).await;
        (worker, port)
    }

    /// Returns its address and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Requests a path. Returns the status and the body.
    pub(crate) async fn ask(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        let answer = answer.expect("the worker answers in time");
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap())
    }

    /// Waits until the worker is ready.
    pub(crate) async fn ready(&self) {
        eventually("it is ready", async || {
            let (status, body) = self.ask("/readyz").await;
            (status == 200).then(|| assert_eq!(body, "{\"ready\":true}"))
        })
        .await;
    }

    /// Waits until the worker is not ready, and returns the reason.
    pub(crate) async fn unready(&self, bound: Duration) -> String {
        kyc_tests::eventually_within(bound, "it is not ready", async || {
            let (status, body) = self.ask("/readyz").await;
            (status == 503).then(|| {
                let said: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(said["ready"], false);
                said["why"].as_str().unwrap().to_owned()
            })
        })
        .await
    }

    /// Reads the page of metrics.
    pub(crate) async fn page(&self) -> Page {
        let (status, text) = self.ask("/metrics").await;
        assert_eq!(status, 200);
        Page::read(text)
    }

    /// Waits until a sample of the page has at least this value, and returns the page.
    pub(crate) async fn reaches(&self, sample: &str, value: f64) -> Page {
        eventually(&format!("{sample} is {value}"), async || {
            let page = self.page().await;
            page.samples
                .get(sample)
                .is_some_and(|seen| *seen >= value)
                .then_some(page)
        })
        .await
    }
}

/// A page in the text format of Prometheus.
pub(crate) struct Page {
    pub(crate) text: String,
    /// The samples, by name and labels as written.
    pub(crate) samples: BTreeMap<String, f64>,
    /// The type of each metric.
    pub(crate) types: BTreeMap<String, String>,
}

impl Page {
    /// Parses a page. Fails where Prometheus would, and if a metric has no help text.
    #[track_caller]
    fn read(text: String) -> Self {
        let (mut samples, mut types, mut helps) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap();
                assert_eq!(helps.insert(name.to_owned(), help), None, "{line}");
            } else if let Some(of_type) = line.strip_prefix("# TYPE ") {
                let (name, of_type) = of_type.split_once(' ').unwrap();
                assert!(
                    ["counter", "gauge", "histogram"].contains(&of_type),
                    "{line}"
                );
                let known = types.insert(name.to_owned(), of_type.to_owned());
                assert_eq!(known, None, "{line}");
            } else {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                let name = name_of(sample);
                let of = |suffix| name.strip_suffix(suffix).and_then(|name| types.get(name));
                let in_parts = ["_bucket", "_sum", "_count"].into_iter().find_map(of);
                let of_type = types.get(name).or(in_parts);
                assert!(of_type.is_some(), "no type before: {line}");
                let value: f64 = value.parse().unwrap();
                assert!(value.is_finite(), "{line}");
                assert_eq!(samples.insert(sample.to_owned(), value), None, "{line}");
            }
        }
        let missing: Vec<_> = types
            .keys()
            .filter(|name| !helps.contains_key(*name))
            .collect();
        assert!(missing.is_empty(), "no help: {missing:?}");
        Self {
            text,
            samples,
            types,
        }
    }

    /// Returns the value of a sample, which must exist.
    #[track_caller]
    pub(crate) fn value(&self, sample: &str) -> f64 {
        let value = self.samples.get(sample);
        *value.unwrap_or_else(|| panic!("{sample} is not in:\n{}", self.text))
    }

    /// Returns the sum of all samples of a metric.
    pub(crate) fn sum(&self, name: &str) -> f64 {
        let of_it = self
            .samples
            .iter()
            .filter(|(sample, _)| name_of(sample) == name);
        of_it.map(|(_, value)| value).sum()
    }
}

/// Returns the name in `name{label="value",…}`, and checks the form of the labels.
#[track_caller]
fn name_of(sample: &str) -> &str {
    let (name, labels) = match sample.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect("labels end")),
        None => (sample, ""),
    };
    let plain = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    assert!(!name.is_empty() && plain(name), "{sample}");
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (label, value) = label.split_once('=').unwrap();
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        let value = value.expect("a label's value stands in quotes");
        assert!(plain(label), "{sample}");
        assert!(plain(value) || label == "le", "{sample}");
    }
    name
}
