//! The error type of the crate: one variant for each thing that can happen to a call or to the reading of its answer.

use crate::{Body, Endpoint, ProviderText, RetryAfter};

/// The underlying cause of an [`Error`]. Never holds a URL.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// An error of a call, or of the reading of its answer.
///
/// Neither `Display` nor `Debug`, nor any source, holds the URL, the token or text of the body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The argument cannot be sent as a path segment because it is empty, `.` or `..`.
    #[error("{endpoint}: {field} cannot be sent as a path segment")]
    InvalidRequest {
        /// The requested call.
        endpoint: Endpoint,
        /// The name of the argument.
        field: &'static str,
    },
    /// The client cannot be built from its configuration.
    #[error("cannot build the Radius client: {what}")]
    Config {
        /// The setting and what is wrong with it. Never its value.
        what: &'static str,
        /// The cause, if a library reported one.
        source: Option<Source>,
    },
    /// No connection was made: it was refused, the name has no address, or TLS failed.
    #[error("cannot connect to Radius")]
    Connect {
        /// The cause.
        source: Source,
    },
    /// No connection was made within `connect_timeout`.
    #[error("connecting to Radius took too long")]
    TimeoutConnect {
        /// The cause.
        source: Source,
    },
    /// No answer came within `timeout`. The call may have been processed.
    #[error("Radius did not answer in time")]
    TimeoutAfterSend {
        /// The cause.
        source: Source,
    },
    /// The connection broke before an answer, or carried something that is not HTTP. The call may have been processed.
    #[error("the connection to Radius broke before it answered")]
    CutAfterSend {
        /// The cause.
        source: Source,
    },
    /// The answer started and was not complete within `timeout`.
    #[error("the body of Radius' answer ({status}) took too long")]
    TimeoutInBody {
        /// The HTTP status.
        status: u16,
        /// The cause.
        source: Source,
    },
    /// The answer started and the connection broke before its end.
    #[error("the body of Radius' answer ({status}) was cut off")]
    CutInBody {
        /// The HTTP status.
        status: u16,
        /// The cause.
        source: Source,
    },
    /// The body is not in the coding (gzip, brotli, chunked) that its headers name.
    #[error("the body of Radius' answer ({status}) cannot be decoded")]
    Undecodable {
        /// The HTTP status.
        status: u16,
        /// The cause.
        source: Source,
    },
    /// The decoded body is larger than `max_body`. The rest was not read.
    #[error("the body of Radius' answer ({status}) exceeds {limit} bytes")]
    TooLarge {
        /// The HTTP status.
        status: u16,
        /// The limit in bytes.
        limit: usize,
    },
    /// A redirect. It is not followed, so that the token and a person's number go only to the configured host.
    #[error("Radius redirects ({status}); check the base URL")]
    Redirect {
        /// The HTTP status, from 300 to 399.
        status: u16,
    },
    /// Any other HTTP status outside 200 to 299, 404 among them.
    #[error("Radius answered with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`, if it is present and can be parsed.
        retry_after: Option<RetryAfter>,
        /// Whether a local sandbox answered instead of the provider (`X-Sandbox: 1`).
        sandbox: bool,
        /// The message of the body, if it is JSON that has one.
        message: Option<ProviderText>,
        /// The type of the body. Anything but [`Body::Envelope`] comes from a gateway, a firewall or a wrong path, and not from
        /// the API.
        body: Body,
    },
    /// A success status came without an answer of the API: with an HTML page, plain text, or nothing.
    #[error("Radius' answer is {} instead of the expected JSON", .body.spoken())]
    NoAnswer {
        /// The type of the body.
        body: Body,
    },
    /// The body is not JSON, or ends too early.
    #[error("Radius' answer is not JSON at {at} (truncated: {truncated})")]
    NotJson {
        /// Whether the body is JSON up to where it ends.
        truncated: bool,
        /// The place where reading failed.
        at: Position,
    },
    /// The body is JSON, but not the answer that the provider's collection describes.
    #[error("Radius' answer has an unknown shape at {at}")]
    WrongShape {
        /// The place where reading failed.
        at: Position,
        /// The message of the body, if it has one.
        message: Option<ProviderText>,
    },
    /// The answer has more than one record and does not show which one is meant.
    #[error("Radius' answer has more than one record")]
    AmbiguousRecord,
    /// An envelope whose `status` is not `success`.
    #[error("Radius' answer has a status other than success")]
    Envelope {
        /// The envelope's `status`; empty if there is none.
        status: ProviderText,
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
}

/// A place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The byte within the line, from 1; 0 for the line's start.
    pub column: usize,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Whether a failed call reached the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// Nothing was sent; another call costs nothing.
    NotSent,
    /// The call may or may not have arrived.
    Unknown,
    /// An answer came, complete or in part.
    Answered,
}

impl Error {
    /// Returns whether the call reached the provider.
    pub fn sent(&self) -> Sent {
        match self {
            Self::InvalidRequest { .. }
            | Self::Config { .. }
            | Self::Connect { .. }
            | Self::TimeoutConnect { .. } => Sent::NotSent,
            Self::TimeoutAfterSend { .. } | Self::CutAfterSend { .. } => Sent::Unknown,
            _ => Sent::Answered,
        }
    }

    /// Returns whether the provider may have billed this call although it brought no usable answer.
    ///
    /// This holds if the call may have arrived and was not answered, if an answer with a success status was lost or cannot be
    /// read, and for the statuses with which a gateway reports that it got no answer: 502, 504, and Cloudflare's 520 and 524.
    /// The provider does not document which calls it bills.
    pub fn may_be_billed(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 502 | 504 | 520 | 524),
            Self::Redirect { .. } | Self::Envelope { .. } | Self::NoAnswer { .. } => false,
            _ => self.sent() != Sent::NotSent,
        }
    }

    /// Returns a stable name of the variant in snake case, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest { .. } => "invalid_request",
            Self::Config { .. } => "config",
            Self::Connect { .. } => "connect",
            Self::TimeoutConnect { .. } => "timeout_connect",
            Self::TimeoutAfterSend { .. } => "timeout_after_send",
            Self::CutAfterSend { .. } => "cut_after_send",
            Self::TimeoutInBody { .. } => "timeout_in_body",
            Self::CutInBody { .. } => "cut_in_body",
            Self::Undecodable { .. } => "undecodable",
            Self::TooLarge { .. } => "too_large",
            Self::Redirect { .. } => "redirect",
            Self::Status { .. } => "status",
            Self::NotJson { .. } => "not_json",
            Self::NoAnswer { .. } => "no_answer",
            Self::WrongShape { .. } => "wrong_shape",
            Self::AmbiguousRecord => "ambiguous_record",
            Self::Envelope { .. } => "envelope",
        }
    }

    /// Returns the HTTP status, if an answer came and the variant holds it.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::TimeoutInBody { status, .. }
            | Self::CutInBody { status, .. }
            | Self::Undecodable { status, .. }
            | Self::TooLarge { status, .. }
            | Self::Redirect { status }
            | Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns when the provider wants to be called again, if it says so.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns the provider's own message.
    pub fn message(&self) -> Option<&ProviderText> {
        match self {
            Self::Status { message, .. }
            | Self::Envelope { message, .. }
            | Self::WrongShape { message, .. } => message.as_ref(),
            _ => None,
        }
    }
}
