//! The probes of a worker: `/healthz`, `/readyz` and `/metrics`, on a port of its own.
//!
//! Hides how often Redis is queried and how long that may take, so that a Redis that hangs delays no answer for long.

mod lately;
mod page;
mod server;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kyc_queue::{Liveness, Queue};
use kyc_telemetry::metrics::{MEDIA_TYPE, Metrics};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};

use crate::{output, settings::Settings};
use lately::Lately;

/// Below the second that many monitoring systems allow for an answer.
const LONGEST_PING: Duration = Duration::from_millis(800);
/// How often recorded durations are sorted into their buckets.
const BETWEEN_TIDYING: Duration = Duration::from_secs(5);

/// The probes of one worker.
pub(crate) struct Probes {
    queue: Queue,
    liveness: Liveness,
    metrics: Metrics,
    draining: AtomicBool,
    pinged: Lately<Result<(), String>>,
    page: Lately<String>,
}

impl Probes {
    /// Starts to record metrics and to answer probes, until `beside` is dropped.
    pub(crate) fn serve(
        listener: TcpListener,
        queue: Queue,
        liveness: Liveness,
        beside: &mut JoinSet<()>,
    ) -> Result<Arc<Self>> {
        let probes = Arc::new(Self {
            queue,
            liveness,
            metrics: Metrics::install(kyc_kinds::names())?,
            draining: AtomicBool::new(false),
            pinged: Lately::default(),
            page: Lately::default(),
        });
        let listen = listener.local_addr()?.to_string();
        tracing::info!(listen, "Serving probes");
        let router = router(Arc::clone(&probes));
        beside.spawn(server::serve(listener, router));
        let metrics = probes.metrics.clone();
        beside.spawn(async move {
            loop {
                tokio::time::sleep(BETWEEN_TIDYING).await;
                metrics.tidy();
            }
        });
        Ok(probes)
    }

    /// Marks the worker as draining, so that it is not ready any more.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Checks whether the worker can take jobs and keep its leases. Returns the reason as a sentence if it cannot.
    async fn is_ready(&self) -> Result<(), String> {
        if self.is_draining() {
            return Err("It is draining after a signal to stop.".to_owned());
        }
        self.pinged.get(async || self.ping().await).await?;
        self.liveness.renews().map_err(str::to_owned)
    }

    async fn ping(&self) -> Result<(), String> {
        match timeout(LONGEST_PING, self.queue.ping()).await {
            Ok(answer) => answer.map_err(|error| format!("{error}.")),
            Err(_) => Err("Redis does not answer in time.".to_owned()),
        }
    }
}

fn router(probes: Arc<Probes>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(page))
        .with_state(probes)
}

async fn healthz(State(probes): State<Arc<Probes>>) -> Response {
    let hangs = "Its loop has not run for a long time.";
    let alive = Some(()).filter(|()| probes.liveness.is_alive());
    answer("alive", alive.ok_or_else(|| hangs.to_owned()))
}

async fn readyz(State(probes): State<Arc<Probes>>) -> Response {
    answer("ready", probes.is_ready().await)
}

fn answer(what: &str, well: Result<(), String>) -> Response {
    match well {
        Ok(()) => Json(json!({ what: true })).into_response(),
        Err(why) => {
            let body = Json(json!({ what: false, "why": why }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn page(State(probes): State<Arc<Probes>>) -> Response {
    let page = probes.whole_page().await;
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], page).into_response()
}

/// `kyc work --check`: checks whether the worker at `probe_listen` is ready.
pub(crate) async fn check(settings: &Settings) -> Result<ExitCode> {
    let address = settings.probe_listen()?;
    let mut address = address.context("KYC_PROBE_LISTEN is not set: workers serve no probes")?;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()?;
    let asked = client.get(format!("http://{address}/readyz")).send().await;
    let answer = asked
        .map_err(reqwest::Error::without_url)
        .context("no worker answers at KYC_PROBE_LISTEN")?;
    if answer.status().is_success() {
        return Ok(ExitCode::SUCCESS);
    }
    let said: Value = answer.json().await.unwrap_or_default();
    let why = said["why"].as_str().unwrap_or("It gives no reason.");
    output::line(format_args!("not ready: {why}"))?;
    Ok(ExitCode::FAILURE)
}
