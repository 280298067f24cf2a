//! Parses the address of a queue.

use std::time::Duration;

use redis::{
    ConnectionInfo, IntoConnectionInfo,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};

use super::tls::Tls;
use crate::Error;

/// The servers at which the search for the queue begins.
pub(crate) enum Address {
    /// One server, or some nodes of a cluster. There is at least one.
    Seeds(Vec<ConnectionInfo>),
    /// Some Sentinels, at least one, and the name under which they know the master.
    Sentinel {
        sentinels: Vec<ConnectionInfo>,
        master: String,
        /// How to connect to the master, except for its host and port.
        like: Box<ConnectionInfo>,
    },
}

const SENTINEL_PORT: u16 = 26379;

impl Address {
    /// Parses an address in one of the forms of [`crate::Config::url`]. Returns `None` for any
    /// other.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Some(Self::Seeds(vec![info(url)?]));
        };
        match scheme {
            "redis" | "rediss" | "valkey" | "valkeys" => {
                let parts = Parts::read(rest);
                let url = |host| format!("{scheme}://{}{host}{}", parts.user, parts.tail);
                let seeds = parts.hosts()?.into_iter().map(|host| info(&url(host)));
                Some(Self::Seeds(seeds.collect::<Option<_>>()?))
            }
            "redis+sentinel" => Self::sentinel("redis", rest),
            "rediss+sentinel" => Self::sentinel("rediss", rest),
            // A Unix socket.
            _ => Some(Self::Seeds(vec![info(url)?])),
        }
    }

    fn sentinel(scheme: &str, rest: &str) -> Option<Self> {
        let parts = Parts::read(rest);
        let end = parts.tail.find(['?', '#']).unwrap_or(parts.tail.len());
        let (path, more) = parts.tail.split_at(end);
        let (query, fragment) = more.split_once('#').unwrap_or((more, ""));
        let fragment = match fragment {
            "" => String::new(),
            fragment => format!("#{fragment}"),
        };
        let path = path.strip_prefix('/')?;
        let (master, database) = path.split_once('/').unwrap_or((path, ""));
        if master.is_empty() {
            return None;
        }
        let sentinels = parts.hosts()?.into_iter().map(|host| {
            let host = if has_port(host) {
                host.to_owned()
            } else {
                format!("{host}:{SENTINEL_PORT}")
            };
            credentials(info(&format!("{scheme}://{host}/{fragment}"))?, query)
        });
        Some(Self::Sentinel {
            sentinels: sentinels.collect::<Option<_>>()?,
            master: master.to_owned(),
            // `localhost` is a placeholder for the host that Sentinel names.
            like: Box::new(info(&format!(
                "{scheme}://{}localhost/{database}{fragment}",
                parts.user
            ))?),
        })
    }

    /// Returns the same address with the certificates for TLS.
    pub(crate) fn over(self, tls: &Tls) -> Result<Self, Error> {
        let all = |servers: Vec<ConnectionInfo>| -> Result<Vec<_>, Error> {
            servers.into_iter().map(|server| tls.over(server)).collect()
        };
        Ok(match self {
            Self::Seeds(seeds) => Self::Seeds(all(seeds)?),
            Self::Sentinel {
                sentinels,
                master,
                like,
            } => Self::Sentinel {
                sentinels: all(sentinels)?,
                master,
                like: Box::new(tls.over(*like)?),
            },
        })
    }

    /// Returns the connection settings for a server that holds the queue.
    pub(super) fn like(&self) -> &ConnectionInfo {
        match self {
            Self::Seeds(seeds) => &seeds[0],
            Self::Sentinel { like, .. } => like,
        }
    }
}

/// The parts of an address after its scheme.
struct Parts<'a> {
    /// User and password with the `@`, or empty.
    user: &'a str,
    hosts: &'a str,
    /// Path, query and fragment.
    tail: &'a str,
}

impl<'a> Parts<'a> {
    fn read(rest: &'a str) -> Self {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let hosts_at = authority.rfind('@').map_or(0, |at| at + 1);
        let (user, hosts) = authority.split_at(hosts_at);
        Self { user, hosts, tail }
    }

    /// Returns the hosts, or `None` if one of them is invalid.
    fn hosts(&self) -> Option<Vec<&'a str>> {
        let hosts: Vec<&str> = self.hosts.split(',').map(str::trim).collect();
        let good = |host: &&str| !host.is_empty() && !host.ends_with(':');
        hosts.iter().all(good).then_some(hosts)
    }
}

fn has_port(host: &str) -> bool {
    // The colons of an IPv6 address are inside brackets.
    host.rsplit(']').next().is_some_and(|end| end.contains(':'))
}

fn info(url: &str) -> Option<ConnectionInfo> {
    Some(url.into_connection_info().ok()?.set_tcp_settings(tcp()))
}

/// Sets the credentials for a Sentinel, which often requires none.
fn credentials(sentinel: ConnectionInfo, query: &str) -> Option<ConnectionInfo> {
    let mut settings = sentinel.redis_settings().clone();
    let query = query.strip_prefix('?').unwrap_or(query);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        settings = match &*name {
            "sentinel_username" => settings.set_username(value),
            "sentinel_password" => settings.set_password(value),
            _ => return None,
        };
    }
    Some(sentinel.set_redis_settings(settings))
}

/// Sends small commands without delay, and detects a peer that vanished without closing the
/// connection.
fn tcp() -> TcpSettings {
    let alive = TcpKeepalive::new()
        .with_time(Duration::from_secs(10))
        .with_interval(Duration::from_secs(5));
    let settings = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(alive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(Duration::from_secs(10));
    settings
}

#[cfg(test)]
mod tests {
    use redis::ConnectionAddr;

    use super::*;

    /// `host port user password database`, after `tls` if TLS is used.
    fn said(info: &ConnectionInfo) -> String {
        let settings = info.redis_settings();
        let address = match info.addr() {
            ConnectionAddr::Tcp(host, port) => format!("{host} {port}"),
            ConnectionAddr::TcpTls { host, port, .. } => format!("tls {host} {port}"),
            other => other.to_string(),
        };
        format!(
            "{address} {} {} {}",
            settings.username().unwrap_or("-"),
            settings.password().unwrap_or("-"),
            settings.db()
        )
    }

    fn seeds(url: &str) -> Vec<String> {
        match Address::parse(url) {
            Some(Address::Seeds(seeds)) => seeds.iter().map(said).collect(),
            _ => panic!("{url}"),
        }
    }

    fn sentinel(url: &str) -> (Vec<String>, String, String) {
        match Address::parse(url) {
            Some(Address::Sentinel {
                sentinels,
                master,
                like,
            }) => (sentinels.iter().map(said).collect(), master, said(&like)),
            _ => panic!("{url}"),
        }
    }

    #[test]
    fn one_server_or_several_nodes() {
        for (url, expected) in [
            ("redis://10.0.0.7", &["10.0.0.7 6379 - - 0"][..]),
            ("redis://u:p%40w@a:1/3", &["a 1 u p@w 3"]),
            ("rediss://:pw@a:1", &["tls a 1 - pw 0"]),
            (
                "redis://u:a,b@h:1,i:2,[::1]:3,j/",
                &[
                    "h 1 u a,b 0",
                    "i 2 u a,b 0",
                    "::1 3 u a,b 0",
                    "j 6379 u a,b 0",
                ],
            ),
            ("unix:///run/redis.sock", &["/run/redis.sock - - 0"]),
        ] {
            assert_eq!(seeds(url), expected, "{url}");
        }
    }

    #[test]
    fn a_master_that_sentinels_name() {
        let (sentinels, master, like) = sentinel("redis+sentinel://u:p%2Fw@s,t:5,[::1]/mine/2");
        assert_eq!(sentinels, ["s 26379 - - 0", "t 5 - - 0", "::1 26379 - - 0"]);
        assert_eq!((&*master, &*like), ("mine", "localhost 6379 u p/w 2"));
        let (sentinels, master, like) =
            sentinel("rediss+sentinel://s/m?sentinel_username=a&sentinel_password=b%26c");
        assert_eq!(sentinels, ["tls s 26379 a b&c 0"]);
        assert_eq!((&*master, &*like), ("m", "tls localhost 6379 - - 0"));
    }

    #[test]
    fn what_cannot_be_read_is_no_address() {
        for url in [
            "",
            "redis",
            "http://a",
            "redis://",
            "redis://a:x",
            "redis://a,",
            "redis://a:1,redis://b:2",
            "redis://a:1/x",
            "redis+sentinel://a",
            "redis+sentinel://a/",
            "redis+sentinel://a/m/x",
            "redis+sentinel:///m",
            "redis+sentinel://a/m?other=1",
        ] {
            assert!(Address::parse(url).is_none(), "{url}");
        }
    }
}
