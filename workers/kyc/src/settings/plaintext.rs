//! The addresses of Redis and of the provider. Without TLS, they must be on this machine.

use std::net::{IpAddr, Ipv6Addr};

use url::{Host, Url};

use super::{Settings, WrongSetting, parse::truth};

impl Settings {
    /// Returns the address of Redis.
    pub(super) fn redis_url(&self) -> Result<String, WrongSetting> {
        let url = self.0.secret("redis_url")?.unwrap_or_default();
        self.private("redis_url", "rediss://", redis_is_exposed(&url))?;
        Ok(url)
    }

    /// Refuses a store of key records in a Redis on another machine that is reached without TLS.
    pub(super) fn private_redis(&self, key: &str, url: &str) -> Result<(), WrongSetting> {
        self.private(key, "rediss://", redis_is_exposed(url))
    }

    /// Returns the provider's base address. It has no default, because numbers and the token are sent to it.
    pub(crate) fn radius_url(&self) -> Result<String, WrongSetting> {
        let remedy = "set it to the provider's base address, like https://api.example.com/services/v1; that of a local kyc sandbox is http://127.0.0.1:8081";
        let url = self.0.optional("radius_url");
        let url = url.ok_or_else(|| self.0.wrong("radius_url", remedy))?;
        self.private("radius_url", "https://", radius_is_exposed(&url))?;
        Ok(url)
    }

    /// Refuses an exposed address, unless `allow_plaintext` is set.
    fn private(&self, key: &str, tls: &str, is_exposed: bool) -> Result<(), WrongSetting> {
        let is_allowed = self.0.parsed("allow_plaintext", truth)?;
        if !is_exposed || is_allowed {
            return Ok(());
        }
        let remedy = format!(
            "secrets and personal data would travel in clear to another machine: use {tls}, or set allow_plaintext to \
             true if nobody else can read that network"
        );
        Err(self.0.wrong(key, &remedy))
    }
}

/// Returns whether calls to the provider at this address would travel in clear to another machine. An address that cannot be
/// read is no such address: the client refuses it.
fn radius_is_exposed(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let is_local = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && !is_local
}

/// Returns whether a host of this address of Redis is on another machine and is reached without TLS. All nodes of a cluster
/// and all Sentinels count.
fn redis_is_exposed(url: &str) -> bool {
    // Parsers of URLs ignore these wherever they occur.
    let url = url.replace(['\t', '\n', '\r'], "");
    let Some((scheme, rest)) = url.split_once("://") else {
        return false; // Without this, it names no host.
    };
    let scheme = scheme.trim().to_ascii_lowercase();
    let sockets = ["unix", "redis+unix", "valkey+unix"];
    let tls = ["rediss", "valkeys", "rediss+sentinel"];
    if sockets.iter().chain(&tls).any(|safe| *safe == scheme) {
        return false;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let hosts = authority
        .rsplit_once('@')
        .map_or(authority, |(_, hosts)| hosts);
    !hosts.split(',').map(str::trim).all(is_loopback)
}

/// Returns whether a host, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_local = |ip: IpAddr| ip.is_loopback();
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_to_another_machine_is_exposed() {
        for (url, exposed) in [
            ("https://api.example.com/services/v1", false),
            ("http://127.0.0.1:8081", false),
            ("http://127.9.8.7/", false),
            ("http://[::1]:8081", false),
            ("http://localhost:8081/v1", false),
            ("http://LocalHost", false),
            ("no address", false),
            ("http://sandbox:8081", true),
            ("http://10.0.0.7", true),
            ("http://[::2]", true),
            ("http://0.0.0.0:8081", true),
            ("http://localhost.example.com", true),
            ("http://127.0.0.1@example.com/", true),
            ("hTTp://example.com", true),
        ] {
            assert_eq!(radius_is_exposed(url), exposed, "{url}");
        }
    }

    #[test]
    fn every_host_of_redis_must_be_this_machine() {
        for (url, exposed) in [
            ("redis://127.0.0.1:6379", false),
            ("redis://u:p@127.0.0.2:1/3", false),
            ("redis://[::1]:6379,localhost,127.0.0.1:7/", false),
            ("redis+sentinel://127.0.0.1,[::1]:26379/mine", false),
            ("rediss://redis.example.com", false),
            ("rediss+sentinel://a,b/mine", false),
            ("valkeys://a", false),
            ("unix:///run/redis.sock", false),
            ("redis+unix:///run/redis.sock", false),
            ("127.0.0.1:6379", false),
            ("redis://redis:6379", true),
            ("valkey://10.0.0.7", true),
            ("REDIS://10.0.0.7", true),
            ("re\tdis://10.0.0.7", true),
            ("redis://127.0.0.1:1,10.0.0.7:2", true),
            ("redis://u:127.0.0.1@10.0.0.7", true),
            ("redis://u@127.0.0.1@10.0.0.7", true),
            ("redis://[::2]:6379", true),
            ("redis://0.0.0.0:6379", true),
            ("redis+sentinel://127.0.0.1,s2/mine", true),
        ] {
            assert_eq!(redis_is_exposed(url), exposed, "{url}");
        }
    }
}
