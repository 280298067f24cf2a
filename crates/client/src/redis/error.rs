//! Errors of the transport. They hold no address and no personal data.

use kyc_domain::Refusals;
use redis::RedisError;

/// Why a job was not added, or results were not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The job is wrong. Nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusals),
    /// The tenant has no inbox, so no worker would ever read the job. Nothing was added.
    #[error("tenant has no inbox: add it with kyc tenants add, or correct its name")]
    NoInbox,
    /// The Redis user may not add to the inbox of this tenant. Nothing was added.
    #[error(
        "tenant has an inbox to which this Redis user may not add: use the user of that tenant, as kyc acl sets it up"
    )]
    Forbidden,
    /// There is no connection, or the server returned an error. Its text is not shown: it may repeat arguments.
    #[error("Redis does not answer as it should ({})", kind(.0))]
    Redis(RedisError),
    /// Entries that this reader has not read may have been deleted. The next read continues with the first that is left.
    #[error(
        "the results stream no longer goes back to entry {after}, and begins with {first}: results between them are missing, if there \
         were any; ask for the jobs that ended since then"
    )]
    Missed {
        /// The last entry that was read.
        after: String,
        /// The first entry that is left, or `none`.
        first: String,
    },
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl Error {
    /// Whether the job may have been added although this error came: the connection broke while it was sent. Add it again only
    /// if it has an idempotency key, or after its reference was looked for.
    pub fn may_have_been_added(&self) -> bool {
        match self {
            Self::Redis(error) => error.code().is_none() && !error.is_connection_refusal(),
            Self::Refused(_) | Self::NoInbox | Self::Forbidden | Self::Missed { .. } => false,
        }
    }
}

fn kind(error: &RedisError) -> String {
    match error.code() {
        Some(code) => format!("{:?}: {code}", error.kind()),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None if error.is_connection_refusal() => "connection refused".to_owned(),
        None => format!("{:?}", error.kind()),
    }
}
