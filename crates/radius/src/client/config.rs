//! Hides which settings are refused before a call is made with them.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Certificate, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::Error;

/// How to reach Radius. `Debug` shows neither the token nor the address.
pub struct ClientConfig {
    /// `https://` or `http://`, a host, and maybe a port and a path prefix: `https://api.example/services/v1`.
    /// A slash at its end makes no difference. No credentials, query or fragment. No default.
    pub base_url: String,
    /// What every call carries in the header `Api-Token`. No default.
    pub api_token: SecretString,
    /// For name, TCP and TLS together. Default 5 s.
    pub connect_timeout: Duration,
    /// For the whole call, the body included; longer than `connect_timeout`. Default 30 s.
    pub timeout: Duration,
    /// The largest body, in decoded bytes. Default 8 MiB.
    pub max_body: usize,
    /// Certificates to trust beside the system's: each a PEM text of one or more. Default none.
    pub extra_roots: Vec<Vec<u8>>,
    /// The header `User-Agent`. Default `radius-api/` and this crate's version.
    pub user_agent: String,
    /// Connections kept open while idle. Default 32.
    pub pool_max_idle: usize,
    /// How long they are kept. Default 4 s, since the provider's recorded answers say `Keep-Alive: timeout=5`:
    /// a call sent while the provider closes the connection is one that may be billed.
    pub pool_idle_timeout: Duration,
    /// Bodies that are read at once. Default 256. More would take no less time, and a buffer each; but that many slow
    /// ones hold up the others, whose time-out goes on: make it no less than a fifth of the calls at once.
    pub max_readers: usize,
}

impl ClientConfig {
    /// The defaults, for this address and token.
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

    /// The base URL, without a slash at its end.
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

    /// The header's value, marked so that no library prints it.
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

    /// The header `User-Agent`.
    pub(super) fn agent(&self) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&self.user_agent)
            .map_err(|_| fault("user_agent holds a character that no header can carry"))
    }

    /// The certificates in `extra_roots`.
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

    /// Time-outs by which a fault before sending can be told from one after.
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

/// Where every call goes.
pub(super) struct Base {
    /// Without a slash at its end.
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
