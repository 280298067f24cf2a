//! Errors of the API. They hold no address, no API key and no number.

use std::{fmt, time::Duration};

use serde::Deserialize;

/// Why a request has no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client was configured wrongly. Nothing was sent.
    #[error("{0}")]
    Config(&'static str),
    /// The server refused the request.
    #[error(transparent)]
    Problem(Box<Problem>),
    /// The server, or a proxy before it, answered with this status, and not as the API does.
    #[error("the server answered with status {0}, and not as the API does")]
    Status(u16),
    /// There was no answer. The request may have been carried out; those that may be sent again were.
    #[error("the server does not answer: {0}")]
    Connection(Fault),
    /// The answer cannot be read: the server may be of a later version.
    #[error("the answer cannot be read as {0}")]
    Answer(&'static str),
}

/// What was wrong with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No connection could be made. The request was not carried out.
    Connect,
    /// The time was over.
    Timeout,
    /// The connection broke.
    Broken,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::Timeout => "no answer in time",
            Self::Broken => "the connection broke",
        })
    }
}

/// A problem as the API tells it (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// What kind of problem it is, such as `urn:kyc:problem:invalid-job`: stable, to be compared by programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for people.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a sentence.
    #[serde(default)]
    pub detail: String,
    /// How to correct it.
    #[serde(default)]
    pub remedy: String,
    /// For a refused job: each fault.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// Seconds after which it makes sense to try again.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// The id of the request, for whoever reads the server's log.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// A fault of one field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FieldError {
    /// Where the field is: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong, without the value.
    pub problem: String,
    /// How to correct it.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.detail, self.status, self.remedy)
    }
}

impl std::error::Error for Problem {}

impl Error {
    /// Returns the problem that the API told.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Returns whether the API told a problem of this kind, such as `not-found`.
    pub fn is(&self, kind: &str) -> bool {
        let named = |problem: &Problem| problem.kind.strip_prefix("urn:kyc:problem:") == Some(kind);
        self.problem().is_some_and(named)
    }

    /// Returns the status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Status(status) => Some(*status),
            _ => None,
        }
    }

    /// Returns how long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.problem()?.retry_after?;
        Some(Duration::from_secs(seconds.into()))
    }
}

impl From<reqwest::Error> for Error {
    /// The text of the original holds the address.
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(match error {
            error if error.is_timeout() => Fault::Timeout,
            error if error.is_connect() => Fault::Connect,
            _ => Fault::Broken,
        })
    }
}
