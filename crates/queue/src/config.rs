//! How a queue is found and how long it keeps what is finished.

use std::{fmt, time::Duration};

use redis::{Client, IntoConnectionInfo, aio::ConnectionManagerConfig, io::tcp::TcpSettings};

use crate::Error;

/// Where the queue lies. `Debug` does not show the address, which may hold a password.
#[derive(Clone)]
pub struct Config {
    /// `redis://[user:password@]host:port[/database]`, or `rediss://` over TLS.
    pub url: String,
    /// The queue's name: its keys begin with `{name}:`. Several queues can share one Redis.
    pub namespace: String,
    /// How long a completed job and its idempotency key are kept.
    pub keep_completed: Duration,
    /// How long a dead job is kept.
    pub keep_dead: Duration,
    /// How many entries the streams of results and of rejected jobs keep, about.
    pub keep_results: usize,
}

impl Config {
    /// The usual queue on this Redis.
    pub fn new(url: impl Into<String>) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            url: url.into(),
            namespace: "kyc".to_owned(),
            keep_completed: 7 * DAY,
            keep_dead: 30 * DAY,
            keep_results: 1_000_000,
        }
    }

    /// Every key of the queue begins with this. The braces are a hash tag: all keys lie in one slot.
    pub(crate) fn prefix(&self) -> String {
        format!("{{{}}}", self.namespace)
    }

    pub(crate) fn client(&self) -> Result<Client, Error> {
        let info = self
            .url
            .as_str()
            .into_connection_info()
            .map_err(|_| Error::BadUrl)?;
        Client::open(info.set_tcp_settings(tcp())).map_err(|_| Error::BadUrl)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// A small command is not held back for more, and a peer that vanished without a word is noticed.
fn tcp() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(Duration::from_secs(10));
    settings
}

/// The library's own response time-out of 500 ms is shorter than a pause of a busy Redis.
pub(crate) fn connection() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(5)))
        .set_response_timeout(Some(Duration::from_secs(10)))
        .set_number_of_retries(3)
        .set_max_delay(Duration::from_secs(1))
}
