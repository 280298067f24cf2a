//! The transport over Redis: a producer's way into the inbox, and a consumer's way along the results.
//!
//! Both work over any connection of the `redis` crate: to a single server, a cluster, or the master that Sentinel names. Use
//! `rediss://` to every other machine: a password would travel in clear, and results too.

mod error;
mod producer;
mod results;

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, aio::MultiplexedConnection};

pub use error::Error;
pub use producer::Producer;
/// The crate whose connections are used.
pub use redis;
pub use results::{Entry, Results};

/// The name of the queue where none is given: the default of the setting `namespace`.
const QUEUE: &str = "kyc";
/// How long a server may take to answer. It is far longer than the pauses of a busy server, and than a read that waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects to one server: `redis://127.0.0.1:6379`, `rediss://user:password@host:6380`.
///
/// A connection that broke stays broken; then connect again. A reader of results needs a connection of its own, because its
/// waiting would delay other commands.
///
/// # Errors
///
/// When the address is not valid, or the server does not answer.
pub async fn connect(url: &str) -> Result<MultiplexedConnection, Error> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let client = Client::open(url)?;
    Ok(client
        .get_multiplexed_async_connection_with_config(&config)
        .await?)
}
