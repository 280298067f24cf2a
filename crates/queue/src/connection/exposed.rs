//! Connections that would travel in clear to another machine. Servers of the settings, and servers that a cluster, a
//! Sentinel or a replica names later, are checked alike.

use std::net::IpAddr;

use redis::{ConnectionAddr, ConnectionInfo, ErrorKind, RedisError};

/// The text by which the error is recognised.
const EXPOSED: &str = "the server is another machine, and the connection has no TLS";

/// Returns the error about a server on another machine without TLS.
pub(super) fn refused(at: &ConnectionInfo) -> Option<RedisError> {
    match at.addr() {
        ConnectionAddr::Tcp(host, _) if !is_this_machine(host) => {
            Some(RedisError::from((ErrorKind::InvalidClientConfig, EXPOSED)))
        }
        _ => None,
    }
}

/// Returns whether it is that error.
pub(crate) fn is_exposed(error: &RedisError) -> bool {
    error.kind() == ErrorKind::InvalidClientConfig && error.to_string().starts_with(EXPOSED)
}

fn is_this_machine(host: &str) -> bool {
    let is_loopback = |ip: IpAddr| ip.is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests;
