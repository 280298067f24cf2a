//! Recognises answers which say that the queue is not, or no longer, on the server that was asked.

use redis::{ErrorKind, RedisError, RedisResult, ServerError, ServerErrorKind, Value};

/// The queue is on another server, so it must be searched for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// The server that may have it.
    pub(super) hint: Option<(String, u16)>,
}

/// An answer that may say that the queue is elsewhere.
pub(super) trait Trouble {
    fn elsewhere(&self) -> Option<Elsewhere>;
}

impl<T: Trouble> Trouble for RedisResult<T> {
    fn elsewhere(&self) -> Option<Elsewhere> {
        match self {
            Ok(answer) => answer.elsewhere(),
            Err(error) => error.elsewhere(),
        }
    }
}

impl Trouble for Vec<Value> {
    fn elsewhere(&self) -> Option<Elsewhere> {
        self.iter().find_map(Trouble::elsewhere)
    }
}

impl Trouble for Value {
    fn elsewhere(&self) -> Option<Elsewhere> {
        match self {
            Self::ServerError(error) => of_server(error),
            _ => None,
        }
    }
}

impl Trouble for RedisError {
    fn elsewhere(&self) -> Option<Elsewhere> {
        match self.kind() {
            // This includes timeouts: a server that hangs may have been replaced.
            ErrorKind::Io | ErrorKind::Parse => Some(Elsewhere::default()),
            _ => {
                let errors = self.clone().into_server_errors()?;
                errors.iter().find_map(|(_, error)| of_server(error))
            }
        }
    }
}

/// Returns whether an error says that the queue is not, or no longer, on the server that was asked.
pub(crate) fn is_elsewhere(error: &RedisError) -> bool {
    error.elsewhere().is_some()
}

fn of_server(error: &ServerError) -> Option<Elsewhere> {
    match error.kind() {
        Some(ServerErrorKind::Moved) => Some(Elsewhere {
            hint: error.details().and_then(moved_to),
        }),
        Some(
            ServerErrorKind::ReadOnly
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::BusyLoading,
        ) => Some(Elsewhere::default()),
        // Redis 6 wraps errors of commands that a script called.
        Some(ServerErrorKind::ResponseError) => error
            .details()
            .is_some_and(|text| text.contains("-READONLY "))
            .then(Elsewhere::default),
        // A blocking read was ended because the server became a replica.
        _ => (error.code() == "UNBLOCKED").then(Elsewhere::default),
    }
}

/// Parses the details of `MOVED 3999 127.0.0.1:6381`. Without a host, the host is the server that
/// was asked, which the search asks anyway.
fn moved_to(details: &str) -> Option<(String, u16)> {
    let (host, port) = details.split_ascii_whitespace().nth(1)?.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty() && host != "?").then_some((host.to_owned(), port.parse().ok()?))
}

/// Returns whether the error may disappear by itself.
pub(super) fn may_pass(error: &RedisError) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig | ErrorKind::Client
    )
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::*;

    fn told(reply: &str) -> Option<Elsewhere> {
        let value = parse_redis_value(reply.as_bytes()).unwrap();
        let by_value = value.elsewhere();
        if let Err(error) = value.extract_error() {
            assert_eq!(error.elsewhere(), by_value, "{reply}");
        }
        by_value
    }

    fn at(host: &str, port: u16) -> Option<Elsewhere> {
        Some(Elsewhere {
            hint: Some((host.to_owned(), port)),
        })
    }

    #[test]
    fn an_answer_says_whether_the_queue_is_elsewhere() {
        let somewhere = || Some(Elsewhere::default());
        for (reply, expected) in [
            ("-MOVED 12 10.0.0.7:6380\r\n", at("10.0.0.7", 6380)),
            ("-MOVED 12 2001:db8::1:6380\r\n", at("2001:db8::1", 6380)),
            ("-MOVED 12 :6380\r\n", somewhere()),
            ("-READONLY You can't write.\r\n", somewhere()),
            (
                "-ERR Error running script: @user_script: 7: -READONLY You can't write.\r\n",
                somewhere(),
            ),
            ("-LOADING Redis is loading.\r\n", somewhere()),
            ("-CLUSTERDOWN The cluster is down\r\n", somewhere()),
            ("-MASTERDOWN Connection is down\r\n", somewhere()),
            (
                "-UNBLOCKED force unblock from blocking operation\r\n",
                somewhere(),
            ),
            // While a slot is being moved, its owner stays the same.
            ("-ASK 12 10.0.0.7:6380\r\n", None),
            ("-TRYAGAIN Multiple keys\r\n", None),
            ("-NOSCRIPT No matching script\r\n", None),
            ("-OOM command not allowed\r\n", None),
            ("-ERR unknown command\r\n", None),
            ("+OK\r\n", None),
            ("$-1\r\n", None),
        ] {
            assert_eq!(told(reply), expected, "{reply}");
        }
    }

    #[test]
    fn a_broken_connection_says_so_too() {
        let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let slow = std::io::Error::from(std::io::ErrorKind::TimedOut);
        for error in [broken, slow] {
            assert!(RedisError::from(error).elsewhere().is_some());
        }
    }
}
