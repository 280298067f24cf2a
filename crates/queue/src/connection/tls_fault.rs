//! What can be wrong with TLS to Redis.

use std::fmt;

/// What is wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The root certificates cannot be read.
    Roots,
    /// The certificate to show, or its key, cannot be read.
    Pair,
    /// Redis' certificate comes from nobody who is trusted.
    Untrusted,
    /// Redis' certificate is for other names.
    Name,
    /// Redis' certificate is not valid now.
    Expired,
    /// Redis refuses what was shown, or that nothing was.
    Refused,
    /// Something else.
    Other,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Roots => "the root certificates cannot be read",
            Self::Pair => "our certificate and its key cannot be read",
            Self::Untrusted => "its certificate comes from nobody who is trusted",
            Self::Name => "its certificate is for other names",
            Self::Expired => "its certificate is not valid now",
            Self::Refused => "it refuses what was shown to it",
            Self::Other => "no agreement",
        })
    }
}
