//! Faults of TLS to Redis.

use std::fmt;

/// A fault of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The root certificates cannot be parsed.
    Roots,
    /// The client certificate or its key cannot be parsed.
    Pair,
    /// Redis' certificate was not issued by a trusted authority.
    Untrusted,
    /// Redis' certificate is for other host names.
    Name,
    /// Redis' certificate has expired or is not valid yet.
    Expired,
    /// Redis rejects the client certificate, or requires one.
    Refused,
    /// Any other fault.
    Other,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Roots => "the root certificates cannot be read",
            Self::Pair => "the client certificate and its key cannot be read",
            Self::Untrusted => "its certificate was not issued by a trusted authority",
            Self::Name => "its certificate is for other host names",
            Self::Expired => "its certificate is not valid now",
            Self::Refused => "it rejects the client certificate, or requires one",
            Self::Other => "the handshake failed",
        })
    }
}
