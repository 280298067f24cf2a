//! What can go wrong between us and Redis. Holds no address and no person's data.

use crate::connection::is_elsewhere;

/// Trouble with the queue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be read.
    #[error(
        "the address of Redis is not valid: write it like redis://127.0.0.1:6379, rediss://user:password@host:6380 or redis+sentinel://host:26379/master"
    )]
    BadUrl,
    /// No connection, or an error of the server. Its text is no source of this: it may repeat arguments, and names scripts
    /// by their hashes.
    #[error("{}", sentence(.0))]
    Redis(redis::RedisError),
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
    /// The queue was begun with other keys.
    #[error("this queue is sealed with another key: {0}")]
    OtherKeys(kyc_vault::OpenError),
    /// What Redis holds does not open.
    #[error("what Redis holds does not open: {0}")]
    Sealed(#[from] kyc_vault::OpenError),
    /// There is no key to seal with.
    #[error(transparent)]
    CannotSeal(#[from] kyc_vault::SealError),
    /// What Redis holds in the open does not agree with what is sealed.
    #[error("verification {id} was changed in Redis, and nothing of it is shown: {what}")]
    Changed {
        /// Which verification.
        id: String,
        /// What does not agree.
        what: &'static str,
    },
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

impl From<redis::RedisError> for Error {
    fn from(error: redis::RedisError) -> Self {
        Self::Redis(error)
    }
}

impl Error {
    /// Why Redis refuses, and what to do, where that is what it says. It may say so to a mere greeting.
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Redis(error) => refusal(error),
            _ => None,
        }
    }

    /// What Redis holds for one job is not as it should be: of others the same can be asked with success. Everything else
    /// is trouble on the way to Redis, or of Redis, and concerns all.
    pub(crate) fn is_of_data(&self) -> bool {
        match self {
            Self::Unreadable { .. } => true,
            Self::Redis(error) => {
                let text = error.detail().unwrap_or_default();
                let is_of_script = text.contains("user_script") && !text.contains("killed");
                let is_wrong = error.code() == Some("WRONGTYPE") || is_of_script;
                is_wrong && refusal(error).is_none() && !is_elsewhere(error)
            }
            _ => false,
        }
    }
}

fn sentence(error: &redis::RedisError) -> String {
    match refusal(error) {
        Some(why) => format!("Redis refuses: {why}"),
        None => format!("Redis does not answer as it should ({})", kind(error)),
    }
}

/// By the code that the server gave. What a script ran into is told by the code of its own line, or stands in the text.
fn refusal(error: &redis::RedisError) -> Option<&'static str> {
    if error.kind() == redis::ErrorKind::AuthenticationFailed {
        return Some(WRONG_PASSWORD);
    }
    let told = REFUSALS.iter().find(|(code, _)| error.code() == Some(code));
    let within = || {
        let text = error.detail()?;
        let mut words = text.split(|c: char| !c.is_ascii_uppercase());
        words.find_map(|word| REFUSALS.iter().find(|(code, _)| word == *code))
    };
    let many = || {
        let text = error.to_string();
        let is_full = text.contains("max number of clients");
        is_full.then_some(
            "as many clients are connected as maxclients allows: raise it, or close some",
        )
    };
    told.or_else(within).map(|(_, why)| *why).or_else(many)
}

const WRONG_PASSWORD: &str = "user or password is wrong: look at KYC_REDIS_URL";

/// What a server answers instead of doing as it is told, and what is to be done.
const REFUSALS: [(&str, &str); 13] = [
    (
        "OOM",
        "its memory is full (maxmemory): give it more, or let it keep less",
    ),
    (
        "MISCONF",
        "it could not save to disk: look at its log and its disk; once saving works, it takes writes again",
    ),
    (
        "READONLY",
        "it is a read-only replica: give the address of the master",
    ),
    (
        "NOREPLICAS",
        "fewer replicas are connected than min-replicas-to-write demands: bring them back, or demand fewer",
    ),
    (
        "NOPERM",
        "its user lacks leave for what the queue needs: see ACL in workers/README.md",
    ),
    (
        "NOAUTH",
        "it wants a password: write it into KYC_REDIS_URL, like redis://user:password@host:6379",
    ),
    ("WRONGPASS", WRONG_PASSWORD),
    (
        "LOADING",
        "it is still reading its files after a start: wait until it has",
    ),
    (
        "BUSY",
        "a script of somebody runs for too long: wait, or end it with SCRIPT KILL",
    ),
    (
        "MASTERDOWN",
        "it is a replica that has lost its master: bring the master back",
    ),
    ("CLUSTERDOWN", "its cluster lacks nodes: bring them back"),
    (
        "DENIED",
        "it is protected and takes connections from its own machine only: give it a password",
    ),
    (
        "EXECABORT",
        "it refused a part of what it was asked: look at its log",
    ),
];

/// The kind of an error, and its code where the server gave one: its text may repeat arguments.
fn kind(error: &redis::RedisError) -> String {
    match error.code() {
        Some(code) => format!("{:?}: {code}", error.kind()),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None if error.is_connection_refusal() => "connection refused".to_owned(),
        None => format!("{:?}", error.kind()),
    }
}
