//! The settings of the HTTP API.

use std::path::PathBuf;

use kyc_gateway::{Config, Limits, Origins, Proxies, TlsFiles};
use tokio::net::TcpListener;

use super::{Settings, WrongSetting, duration, parse};

impl Settings {
    /// Listens at the address of the HTTP API.
    pub(crate) async fn serve_listener(&self) -> Result<TcpListener, WrongSetting> {
        let address: Result<std::net::SocketAddr, _> = self.0.text("serve_listen").parse();
        let address = address.map_err(|_| {
            let remedy = "write an address and a port, like 127.0.0.1:8080 or 0.0.0.0:8080";
            self.0.wrong("serve_listen", remedy)
        })?;
        let listening = TcpListener::bind(address).await;
        listening.map_err(|error| {
            let remedy = format!("cannot listen on it: {}", error.kind());
            self.0.wrong("serve_listen", &remedy)
        })
    }

    /// Returns how the HTTP API is served.
    pub(crate) fn serve(&self) -> Result<Config, WrongSetting> {
        Ok(Config {
            rules: self.rules()?,
            default_rate: self.0.parsed("serve_rate", parse::count)?,
            proxies: self.trusted_proxies()?,
            origins: self.cors_origins()?,
        })
    }

    fn trusted_proxies(&self) -> Result<Proxies, WrongSetting> {
        let key = "serve_trusted_proxies";
        let texts = self.0.texts(key);
        Proxies::parse(texts.iter().map(String::as_str)).map_err(|wrong| {
            let remedy = "write addresses and networks, like 192.0.2.7 or 10.0.0.0/8";
            self.0.wrong(key, &format!("{wrong} is neither: {remedy}"))
        })
    }

    fn cors_origins(&self) -> Result<Origins, WrongSetting> {
        let key = "serve_cors_origins";
        let texts = self.0.texts(key);
        Origins::parse(texts.iter().map(String::as_str)).map_err(|wrong| {
            let remedy = "write each in full and in lower case, like https://app.example.com";
            self.0
                .wrong(key, &format!("{wrong} is no origin: {remedy}"))
        })
    }

    /// Returns the bounds of the server.
    pub(crate) fn serve_limits(&self) -> Result<Limits, WrongSetting> {
        Ok(Limits {
            connections: self.0.parsed("serve_connections", parse::count)?,
            idle: self.0.parsed("serve_idle", duration)?,
            grace: self.0.parsed("grace", duration)?,
        })
    }

    /// Returns the files of the server's certificate, if they are set.
    pub(crate) fn serve_tls(&self) -> Result<Option<TlsFiles>, WrongSetting> {
        let file = |key| self.0.optional(key).map(PathBuf::from);
        match (file("serve_tls_cert"), file("serve_tls_key")) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(self
                .0
                .wrong("serve_tls_key", "set it beside serve_tls_cert")),
            (None, Some(_)) => Err(self
                .0
                .wrong("serve_tls_cert", "set it beside serve_tls_key")),
        }
    }

    /// Returns an error that names a setting of the server's certificate.
    pub(crate) fn wrong_tls(&self, why: &str) -> WrongSetting {
        self.0.wrong("serve_tls_cert", why)
    }

    /// Returns an error if this process can neither open nor seal.
    pub(crate) fn sealing_keys(&self) -> Result<(), WrongSetting> {
        if self.vault()?.public().is_some() {
            return Ok(());
        }
        let remedy = "set it to what `kyc keys public` prints, or set keys_file for a server that shows personal data";
        Err(self.0.wrong("public_key", remedy))
    }
}
