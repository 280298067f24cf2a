//! TLS to Redis: certificates, and the classification of errors.

use std::fmt;

use redis::{Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, TlsCertificates};

use crate::{Error, TlsFault};

/// Certificates for TLS, in PEM. They are used only if the address requires TLS. `Debug` shows none
/// of them.
#[derive(Clone, Default)]
pub struct Tls {
    /// Root certificates to trust instead of the system's.
    pub ca: Option<Vec<u8>>,
    /// The client certificate, with its chain.
    pub certificate: Option<Vec<u8>>,
    /// The private key of the client certificate. It is ignored without a certificate.
    pub key: Option<Vec<u8>>,
}

impl Tls {
    /// Returns the connection settings with these certificates.
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
        // The `redis` crate ignores PEM without certificates: such a file would lead to an empty
        // set of roots.
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
    /// Returns the fault in TLS, if TLS is the cause of this error.
    pub fn tls_fault(&self) -> Option<TlsFault> {
        match self {
            Self::Tls(fault) => Some(*fault),
            Self::Redis(error) => told(&error.to_string()),
            _ => None,
        }
    }
}

/// Classifies a TLS error by its text, since the `redis` crate reports it only as text.
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
