//! The settings about TLS to Redis, the connection of a producer, and the errors when there is no connection.

use anyhow::Result;
use kyc_client::redis::Producer;
use kyc_queue::{Connection, Error, Tls, TlsFault};

use super::{Settings, WrongSetting};

impl Settings {
    /// Returns the configuration of TLS to Redis.
    pub(super) fn redis_tls(&self) -> Result<Tls, WrongSetting> {
        let tls = Tls {
            ca: self.pem("redis_ca_file")?,
            certificate: self.pem("redis_cert_file")?,
            key: self.pem("redis_key_file")?,
        };
        let together = |missing| {
            let remedy = "redis_cert_file and redis_key_file belong together";
            Err(self.0.wrong(missing, remedy))
        };
        match (&tls.certificate, &tls.key) {
            (Some(_), None) => together("redis_key_file"),
            (None, Some(_)) => together("redis_cert_file"),
            _ => Ok(tls),
        }
    }

    fn pem(&self, key: &str) -> Result<Option<Vec<u8>>, WrongSetting> {
        let read = |path: String| {
            let wrong = |error| self.0.wrong(key, &format!("it cannot be read: {error}"));
            std::fs::read(path).map_err(wrong)
        };
        self.0.optional(key).map(read).transpose()
    }

    /// Connects to the inbox if this process can only seal: with `public_key`, and without keys that open. It needs no more of
    /// Redis than a producer may do.
    pub(crate) async fn connect_producer(&self) -> Result<Option<Producer<Connection>>> {
        let vault = self.vault()?;
        let Some(key) = vault.public().filter(|_| !vault.can_open()) else {
            return Ok(None);
        };
        let config = self.queue()?;
        let connection = Connection::of(&config).await;
        let connection = connection.map_err(|error| self.not_connected(&error))?;
        Ok(Some(
            Producer::new(connection, key).queue(&config.namespace),
        ))
    }

    /// Returns an error that says why there is no connection to the queue, and which setting to check.
    pub(super) fn not_connected(&self, error: &Error) -> anyhow::Error {
        let url = self.0.secret("redis_url").ok().flatten();
        let url = url.unwrap_or_default();
        if url.contains("#insecure") {
            let remedy = "#insecure is not accepted: name the root certificate in redis_ca_file";
            return self.0.wrong("redis_url", remedy).into();
        }
        if let Error::BadUrl = error {
            return self.0.wrong("redis_url", &error.to_string()).into();
        }
        if let Some(fault) = error.tls_fault() {
            return match fault {
                TlsFault::Roots => {
                    let remedy = "it must hold certificates, each in PEM";
                    self.0.wrong("redis_ca_file", remedy).into()
                }
                TlsFault::Pair => {
                    let remedy = "it and redis_key_file must hold a certificate and its private key, each in PEM";
                    self.0.wrong("redis_cert_file", remedy).into()
                }
                TlsFault::Untrusted => anyhow::anyhow!(
                    "TLS to Redis fails: its certificate is not signed by a trusted authority; name the root certificate in KYC_REDIS_CA_FILE"
                ),
                TlsFault::Name => anyhow::anyhow!(
                    "TLS to Redis fails: its certificate has other names than the host in KYC_REDIS_URL"
                ),
                TlsFault::Expired => anyhow::anyhow!(
                    "TLS to Redis fails: its certificate is not valid now; renew it, or set the clock of this machine"
                ),
                TlsFault::Refused => anyhow::anyhow!(
                    "TLS to Redis fails: it refuses our certificate, or requires one; set KYC_REDIS_CERT_FILE and KYC_REDIS_KEY_FILE"
                ),
                TlsFault::Other => anyhow::anyhow!(
                    "TLS to Redis fails: check that KYC_REDIS_URL names its TLS port, and KYC_REDIS_CA_FILE its root certificate"
                ),
            };
        }
        if let Some(why) = error.refusal() {
            return anyhow::anyhow!("Redis refuses, and nothing was accepted: {why}");
        }
        match error {
            Error::Redis(_) | Error::Slow if url.starts_with("rediss") => anyhow::anyhow!(
                "{error}: check KYC_REDIS_URL, that its port speaks TLS, and that a Redis of 6.2 or newer runs there"
            ),
            Error::Redis(_) => anyhow::anyhow!(
                "{error}: check KYC_REDIS_URL, and that a Redis of 6.2 or newer runs there"
            ),
            error => anyhow::anyhow!("{error}"),
        }
    }
}
