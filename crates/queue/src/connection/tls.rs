//! TLS to Redis: whom to trust, what to show, and what went wrong.

use std::fmt;

use redis::{Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, TlsCertificates};

use crate::{Error, TlsFault};

/// What TLS goes by, where the address is one of TLS. All in PEM. `Debug` shows nothing of it.
#[derive(Clone, Default)]
pub struct Tls {
    /// Root certificates to trust in place of the system's.
    pub ca: Option<Vec<u8>>,
    /// A certificate to show, with its chain.
    pub certificate: Option<Vec<u8>>,
    /// Its private key; of no use without.
    pub key: Option<Vec<u8>>,
}

impl Tls {
    /// The same server, reached so.
    pub(super) fn over(&self, info: ConnectionInfo) -> Result<ConnectionInfo, Error> {
        let is_tls = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        let pair = self.certificate.clone().zip(self.key.clone());
        if !is_tls || (self.ca.is_none() && pair.is_none()) {
            return Ok(info);
        }
        let with = |root_cert, client_tls| {
            let certificates = TlsCertificates {
                client_tls,
                root_cert,
            };
            Client::build_with_tls(info.clone(), certificates)
        };
        // The library passes over what is no certificate: a file without any would trust nobody.
        let holds = |pem: &[u8]| pem.windows(BEGIN.len()).any(|part| part == BEGIN);
        if self.ca.as_deref().is_some_and(|ca| !holds(ca)) || with(self.ca.clone(), None).is_err() {
            return Err(Error::Tls(TlsFault::Roots));
        }
        let client = pair.map(|(client_cert, client_key)| ClientTlsConfig {
            client_cert,
            client_key,
        });
        if client
            .as_ref()
            .is_some_and(|client| !holds(&client.client_cert))
        {
            return Err(Error::Tls(TlsFault::Pair));
        }
        let client = with(self.ca.clone(), client).map_err(|_| Error::Tls(TlsFault::Pair))?;
        Ok(client.get_connection_info().clone())
    }
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(***)")
    }
}

impl Error {
    /// What is wrong with TLS, where that is what failed.
    pub fn tls_fault(&self) -> Option<TlsFault> {
        match self {
            Self::Tls(fault) => Some(*fault),
            Self::Redis(error) => told(&error.to_string()),
            _ => None,
        }
    }
}

/// The library tells its faults in words only.
fn told(words: &str) -> Option<TlsFault> {
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let fault = if has(&[
        "UnknownIssuer",
        "BadSignature",
        "InvalidPurpose",
        "CaUsedAsEndEntity",
    ]) {
        TlsFault::Untrusted
    } else if has(&["NotValidForName", "not valid for"]) {
        TlsFault::Name
    } else if has(&["Expired", "NotValidYet", "expired", "not valid yet"]) {
        TlsFault::Expired
    } else if has(&["received fatal alert"]) {
        TlsFault::Refused
    } else if has(&[
        "peer certificate",
        "InvalidContentType",
        "corrupt message",
        "tls",
        "TLS",
    ]) {
        TlsFault::Other
    } else {
        return None;
    };
    Some(fault)
}
