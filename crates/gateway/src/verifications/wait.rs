//! Waiting for the end of a verification.

use std::time::Duration;

use kyc_domain::VerificationId;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::IntoParams;

use super::{find::find, view::View};
use crate::{
    Gateway,
    problem::{Kind, Problem},
};

/// The longest wait for an end.
const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Waits for the end of the verification, at most so long: `0s` to `60s`. Without it, the answer comes at once.
    #[param(example = "30s")]
    wait: Option<String>,
}

impl Wait {
    /// Returns how long to wait.
    pub(super) fn time(&self) -> Result<Duration, Problem> {
        self.wait
            .as_deref()
            .map_or(Ok(Duration::ZERO), time_of_wait)
    }
}

/// Parses how long a request may take.
pub(crate) fn time_of_wait(text: &str) -> Result<Duration, Problem> {
    let number = text.strip_suffix('s').unwrap_or(text);
    let time = number.parse().ok().map(Duration::from_secs);
    time.filter(|time| *time <= LONGEST).ok_or_else(|| {
        Problem::new(
            Kind::INVALID_REQUEST,
            "wait is not a time of 0s to 60s",
            "write it like wait=30s, and ask again if the verification has not ended",
        )
    })
}

/// Returns a verification when it has ended, when the time is over, or when the server stops.
pub(super) async fn ended(
    gateway: &Gateway,
    tenant: &str,
    id: VerificationId,
    time: Duration,
    reveals: bool,
) -> Result<View, Problem> {
    let end = Instant::now() + time;
    let waiter = gateway.endings().waiter(id);
    loop {
        let woken = waiter.woken();
        let view = find(gateway, tenant, id).await?.view(reveals);
        if view.has_ended() || Instant::now() >= end || gateway.is_stopping() {
            return Ok(view);
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep_until(end) => {}
            () = gateway.stopping() => {}
        }
    }
}
