//! What can go wrong between us and Redis. Holds no address and no person's data.

/// Trouble with the queue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be read.
    #[error(
        "the address of Redis is not valid: write it like redis://127.0.0.1:6379, rediss://user:password@host:6380 or redis+sentinel://host:26379/master"
    )]
    BadUrl,
    /// No connection, or an error of the server.
    #[error("Redis does not answer as it should ({})", kind(.0))]
    Redis(#[from] redis::RedisError),
    /// TLS cannot be had as it is set up.
    #[error("TLS to Redis fails: {0}")]
    Tls(crate::TlsFault),
    /// No answer in time.
    #[error("Redis does not answer in time")]
    Slow,
    /// Redis answered, and not what was asked.
    #[error("Redis answered {0} in a form that this version does not know")]
    Answer(&'static str),
    /// A limit that cannot be set.
    #[error(transparent)]
    Limit(#[from] crate::LimitError),
    /// What Redis holds is sealed with another key.
    #[error("this queue is sealed with another key: {0}")]
    Sealed(#[from] kyc_vault::OpenError),
    /// What Redis holds is not what this version wrote.
    #[error(
        "{what} of verification {id} cannot be read: it was written by another version, or damaged"
    )]
    Unreadable {
        /// Which part.
        what: &'static str,
        /// Whose.
        id: String,
    },
}

/// The kind of an error, and its code where the server gave one: its text may repeat arguments.
fn kind(error: &redis::RedisError) -> String {
    match error.code() {
        Some(code) => format!("{:?}: {code}", error.kind()),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None if error.is_connection_refusal() => "connection refused".to_owned(),
        None => format!("{:?}", error.kind()),
    }
}
