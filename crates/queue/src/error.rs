//! Errors of the queue. They hold no address and no personal data.

use crate::connection::{is_elsewhere, is_exposed};

/// An error of the queue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be parsed.
    #[error(
        "the address of Redis is not valid: write it like redis://127.0.0.1:6379, rediss://user:password@host:6380 or redis+sentinel://host:26379/master"
    )]
    BadUrl,
    /// There is no connection, or the server returned an error. Its text is not part of this error:
    /// it may repeat arguments, and it names scripts by their hashes.
    #[error("{}", sentence(.0))]
    Redis(redis::RedisError),
    /// TLS cannot be established with this configuration.
    #[error("TLS to Redis fails: {0}")]
    Tls(crate::TlsFault),
    /// The server of the queue, which the address or another server names, is on another machine, and there would be no TLS.
    #[error(
        "the server of the queue is on another machine, and secrets and personal data would travel to it in clear: use rediss://, \
         or set allow_plaintext to true if nobody else can read that network"
    )]
    Exposed,
    /// A reader of results continues after an entry that the stream no longer goes back to.
    #[error(
        "the results stream no longer goes back to entry {after}, and begins with {first}: results between them are missing, if there \
         were any; list the jobs that completed since then"
    )]
    ResultsMissing {
        /// The last entry that was read.
        after: String,
        /// The first entry that is left, or `none`.
        first: String,
    },
    /// Redis did not answer in time.
    #[error("Redis does not answer in time")]
    Slow,
    /// Redis returned an unexpected answer.
    #[error("Redis answered {0} in a form that this version does not know")]
    Answer(&'static str),
    /// A limit is out of range.
    #[error(transparent)]
    Limit(#[from] crate::LimitError),
    /// The queue was begun with other keys.
    #[error("this queue is sealed with another key: {0}")]
    OtherKeys(kyc_vault::OpenError),
    /// There are too many older keys of the blind indexes for another one.
    #[error(
        "there are {0} older index keys already: run `kyc keys rewrap`, which drops those that no job needs any more, or wait until \
         the jobs that need them are deleted"
    )]
    ManyIndexKeys(usize),
    /// The keys of the blind indexes were changed while jobs were indexed by them.
    #[error("the index keys were changed meanwhile: run it again")]
    IndexKeysChanged,
    /// Sealed data in Redis cannot be opened.
    #[error("data in Redis cannot be opened: {0}")]
    Sealed(#[from] kyc_vault::OpenError),
    /// A job of the inbox is sealed with a key that this process lacks.
    #[error("a job of the inbox is sealed with key `{id}`, which is not among the keys")]
    InboxKey {
        /// The key's id.
        id: String,
    },
    /// There is no key to seal with.
    #[error(transparent)]
    CannotSeal(#[from] kyc_vault::SealError),
    /// The store of key records failed, or is not known to this process. The text holds no address.
    #[error("key records cannot be reached: {0}")]
    KeyRecords(String),
    /// The key record of a verification is gone.
    #[error(
        "verification {id} was erased: its key record is gone, so nothing that was sealed of it can be opened"
    )]
    Erased {
        /// The verification's id.
        id: String,
    },
    /// Readable data in Redis do not agree with the sealed data.
    #[error("verification {id} was changed in Redis, and nothing of it is shown: {what}")]
    Changed {
        /// The verification's id.
        id: String,
        /// What does not agree.
        what: &'static str,
    },
    /// Data in Redis cannot be parsed by this version.
    #[error(
        "{what} of verification {id} cannot be read: it was written by another version, or damaged"
    )]
    Unreadable {
        /// The part that cannot be read.
        what: &'static str,
        /// The id of the verification or key that it belongs to.
        id: String,
    },
}

impl From<redis::RedisError> for Error {
    fn from(error: redis::RedisError) -> Self {
        if is_exposed(&error) {
            Self::Exposed
        } else {
            Self::Redis(error)
        }
    }
}

impl Error {
    /// Returns why Redis refuses and what to do about it, if this error is a refusal. A server may
    /// refuse even the first command of a connection.
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Redis(error) => refusal(error),
            _ => None,
        }
    }

    /// Returns whether the user of Redis lacks a right that this needs.
    pub fn lacks_rights(&self) -> bool {
        let no_right = REFUSALS.iter().find(|(code, _)| *code == "NOPERM");
        self.refusal().is_some() && self.refusal() == no_right.map(|(_, why)| *why)
    }

    /// Returns whether the data of one job in Redis are damaged, so that the same operation can
    /// succeed for other jobs. All other errors concern the connection or Redis itself, and so
    /// every job.
    pub(crate) fn is_of_data(&self) -> bool {
        match self {
            Self::Unreadable { .. } | Self::InboxKey { .. } => true,
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

/// Finds the refusal by the server's error code. An error inside a script has this code itself, or
/// contains it in its text.
fn refusal(error: &redis::RedisError) -> Option<&'static str> {
    if error.kind() == redis::ErrorKind::AuthenticationFailed {
        return Some(WRONG_PASSWORD);
    }
    // A transaction is refused because of one of its commands.
    let parts = Some(error).filter(|error| error.code() == Some("EXECABORT"));
    let parts = parts.and_then(|error| error.clone().into_server_errors());
    let of_a_part = parts.iter().flat_map(|parts| parts.iter());
    let of_a_part = of_a_part
        .filter_map(|(_, part)| REFUSALS.iter().find(|(code, _)| part.code() == *code))
        .next();
    let told = REFUSALS.iter().find(|(code, _)| error.code() == Some(code));
    let told = of_a_part.or(told);
    let within = || {
        let text = error.detail()?;
        // Redis 7.2 and later; versions before it.
        let no_right = [
            "ACL failure in script",
            "The user executing the script can't",
        ];
        if no_right.iter().any(|words| text.contains(words)) {
            return REFUSALS.iter().find(|(code, _)| *code == "NOPERM");
        }
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

/// Error codes by which a server refuses commands, with the reason and the remedy.
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
        "fewer replicas are connected than min-replicas-to-write requires: bring them back, or require fewer",
    ),
    (
        "NOPERM",
        "its user lacks a permission that the queue needs: see ACL in workers/README.md",
    ),
    (
        "NOAUTH",
        "it requires a password: write it into KYC_REDIS_URL, like redis://user:password@host:6379",
    ),
    ("WRONGPASS", WRONG_PASSWORD),
    (
        "LOADING",
        "it is still reading its files after a start: wait until it has",
    ),
    (
        "BUSY",
        "a script has been running for too long: wait, or end it with SCRIPT KILL",
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
        "it refused a part of the request: look at its log",
    ),
];

/// Describes an error by its kind and the server's code, without its text, which may repeat
/// arguments.
fn kind(error: &redis::RedisError) -> String {
    match error.code() {
        Some(code) => format!("{:?}: {code}", error.kind()),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None if error.is_connection_refusal() => "connection refused".to_owned(),
        None => format!("{:?}", error.kind()),
    }
}
