//! The client's configuration, and the checks of its settings.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Certificate, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::Error;

/// The configuration of a [`Client`](crate::Client). `Debug` shows neither the token nor the address.
pub struct ClientConfig {
    /// The base URL: `https://` or `http://`, a host, and optionally a port and a path prefix, as in
    /// `https://api.example/services/v1`. A trailing slash makes no difference. Credentials, a query and a fragment are refused.
    /// No default.
    pub base_url: String,
    /// The token that every call sends in the header `Api-Token`. No default.
    pub api_token: SecretString,
    /// The time-out for name resolution, TCP and TLS together. Default 5 s.
    pub connect_timeout: Duration,
    /// The time-out for the whole call, including the body. It must be longer than `connect_timeout`. Default 30 s.
    pub timeout: Duration,
    /// The size of the largest body, in decoded bytes. Default 8 MiB.
    pub max_body: usize,
    /// Certificates to trust in addition to the system's. Each entry is a PEM text of one or more. Default none.
    pub extra_roots: Vec<Vec<u8>>,
    /// The header `User-Agent`. Default `radius-api/` and this crate's version.
    pub user_agent: String,
    /// The number of idle connections that stay open. Default 32.
    pub pool_max_idle: usize,
    /// How long an idle connection stays open. Default 4 s, because the provider's recorded answers have
    /// `Keep-Alive: timeout=5`: a call that is sent while the provider closes the connection may be billed.
    pub pool_idle_timeout: Duration,
    /// The number of bodies that are read at once. Default 256. A larger number does not save time, and each body needs a
    /// buffer. But as many slow bodies delay all others, whose time-out goes on; so set it to at least a fifth of the calls at
    /// once.
    pub max_readers: usize,
}

impl ClientConfig {
    /// Creates the default configuration for a base URL and a token.
    pub fn new(base_url: impl Into<String>, api_token: SecretString) -> Self {
        Self {
            base_url: base_url.into(),
            api_token,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            max_body: 8 << 20,
            extra_roots: Vec::new(),
            user_agent: concat!("radius-api/", env!("CARGO_PKG_VERSION")).to_owned(),
            pool_max_idle: 32,
            max_readers: 256,
            pool_idle_timeout: Duration::from_secs(4),
        }
    }

    /// Parses the base URL and removes a trailing slash.
    pub(super) fn base(&self) -> Result<Base, Error> {
        let url = Url::parse(&self.base_url).map_err(|source| Error::Config {
            what: "base_url is not a URL",
            source: Some(source.into()),
        })?;
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(fault("base_url must start with https:// or http://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("base_url must hold no credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fault("base_url must hold neither query nor fragment"));
        }
        let url = url.as_str().trim_end_matches('/').to_owned();
        Ok(Base { url, tls })
    }

    /// Returns the value of the header `Api-Token`, marked as sensitive so that no library prints it.
    pub(super) fn token(&self) -> Result<HeaderValue, Error> {
        let token = self.api_token.expose_secret();
        if token.is_empty() {
            return Err(fault("api_token is empty"));
        }
        if token.trim() != token {
            return Err(fault("api_token starts or ends with white space"));
        }
        let mut value = HeaderValue::from_str(token)
            .map_err(|_| fault("api_token holds a character that no header can carry"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Returns the value of the header `User-Agent`.
    pub(super) fn agent(&self) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&self.user_agent)
            .map_err(|_| fault("user_agent holds a character that no header can carry"))
    }

    /// Parses the certificates in `extra_roots`.
    pub(super) fn roots(&self) -> Result<Vec<Certificate>, Error> {
        let mut roots = Vec::new();
        for pem in &self.extra_roots {
            let bundle = Certificate::from_pem_bundle(pem).map_err(|source| Error::Config {
                what: "extra_roots is not PEM",
                source: Some(source.without_url().into()),
            })?;
            if bundle.is_empty() {
                return Err(fault("extra_roots holds no certificate"));
            }
            roots.extend(bundle);
        }
        Ok(roots)
    }

    /// Checks that the time-outs distinguish an error before sending from one after it.
    pub(super) fn check_timeouts(&self) -> Result<(), Error> {
        if self.connect_timeout.is_zero() {
            return Err(fault("connect_timeout is zero"));
        }
        if self.timeout <= self.connect_timeout {
            return Err(fault("timeout must be longer than connect_timeout"));
        }
        Ok(())
    }
}

/// The base URL of every call.
pub(super) struct Base {
    /// The URL without a trailing slash.
    pub(super) url: String,
    /// Whether the scheme is `https`.
    pub(super) tls: bool,
}

fn fault(what: &'static str) -> Error {
    Error::Config { what, source: None }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("max_body", &self.max_body)
            .field("extra_roots", &self.extra_roots.len())
            .field("user_agent", &self.user_agent)
            .field("pool_max_idle", &self.pool_max_idle)
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .finish_non_exhaustive()
    }
}
