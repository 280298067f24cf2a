//! Hides what every layer below calls its faults: one type, each variant one thing that happened.

use crate::{Body, Endpoint, Fingerprint, ProviderText, RetryAfter};

/// The cause below an [`Error`]. Never holds a URL.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What happened to a call, or to the reading of its answer.
///
/// Neither `Display` nor `Debug`, nor any source, holds the URL, the token or text of the body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This text cannot be sent as a path segment: it is empty, `.` or `..`.
    #[error("{endpoint}: {field} cannot be sent as a path segment")]
    InvalidRequest {
        /// The call that was asked for.
        endpoint: Endpoint,
        /// The argument at fault.
        field: &'static str,
    },
    /// The client cannot be built as configured.
    #[error("cannot build the Radius client: {what}")]
    Config {
        /// The setting and what is wrong with it. Never its value.
        what: &'static str,
        /// The cause, where a library found it.
        source: Option<Source>,
    },
    /// No connection: refused, no address for the name, or TLS failed.
    #[error("cannot connect to Radius")]
    Connect {
        /// The cause.
        source: Source,
    },
    /// No connection within the time allowed for it.
    #[error("connecting to Radius took too long")]
    TimeoutConnect {
        /// The cause.
        source: Source,
    },
    /// No answer within the time allowed for the call. It may have been processed.
    #[error("Radius did not answer in time")]
    TimeoutAfterSend {
        /// The cause.
        source: Source,
    },
    /// The connection broke, or carried something that is not HTTP, before an answer. The call may have been processed.
    #[error("the connection to Radius broke before it answered")]
    CutAfterSend {
        /// The cause.
        source: Source,
    },
    /// The answer started, and was not complete within the time allowed for the call.
    #[error("the body of Radius' answer ({status}) took too long")]
    TimeoutInBody {
        /// The HTTP status.
        status: u16,
        /// The cause.
        source: Source,
    },
    /// The answer started, and the connection broke before its end.
    #[error("the body of Radius' answer ({status}) was cut off")]
    CutInBody {
        /// The HTTP status.
        status: u16,
        /// The cause.
        source: Source,
    },
    /// The body is not in the coding (gzip, brotli, chunked) its headers claim.
    #[error("the body of Radius' answer ({status}) does not decode")]
    Undecodable {
        /// The HTTP status.
        status: u16,
        /// The cause.
        source: Source,
    },
    /// The body, decoded, is larger than allowed. The rest was not read.
    #[error("the body of Radius' answer ({status}) exceeds {limit} bytes")]
    TooLarge {
        /// The HTTP status.
        status: u16,
        /// The limit in bytes.
        limit: usize,
    },
    /// A redirect. None is followed: the token and a person's number go to the configured host only.
    #[error("Radius redirects ({status}): is the base URL right?")]
    Redirect {
        /// The HTTP status, from 300 to 399.
        status: u16,
    },
    /// Any other HTTP status outside 200 to 299, 404 among them.
    #[error("Radius answered with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`, if there is one that can be read.
        retry_after: Option<RetryAfter>,
        /// Whether a local sandbox answered (`X-Sandbox: 1`), and not the provider.
        sandbox: bool,
        /// What the body says in words, if it is JSON.
        message: Option<ProviderText>,
        /// What the body is. Anything but [`Body::Envelope`] is the word of a gateway, a firewall or a wrong path, and not
        /// of the API.
        body: Body,
    },
    /// What came in a success status is no answer of the API at all: a page for browsers, plain text, or nothing.
    #[error("Radius' answer is {}, and not JSON", .body.spoken())]
    NoAnswer {
        /// What it is.
        body: Body,
    },
    /// The body is not JSON, or ends too early.
    #[error("Radius' answer is not JSON at {at} (truncated: {truncated}, body {fingerprint})")]
    NotJson {
        /// Whether the body is JSON as far as it goes.
        truncated: bool,
        /// Where reading failed.
        at: Position,
        /// Which body it was.
        fingerprint: Fingerprint,
    },
    /// The body is JSON, and not the answer the provider's collection describes.
    #[error("Radius' answer has an unknown shape at {at} (body {fingerprint})")]
    WrongShape {
        /// Where reading failed.
        at: Position,
        /// Which body it was.
        fingerprint: Fingerprint,
        /// What it says in words, if it does.
        message: Option<ProviderText>,
    },
    /// The answer has more than one record, and does not say which is meant.
    #[error("Radius' answer has more than one record (body {fingerprint})")]
    AmbiguousRecord {
        /// Which body it was.
        fingerprint: Fingerprint,
    },
    /// An envelope whose `status` is not `success`.
    #[error("Radius' envelope does not say success")]
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
    /// Nothing left: calling again costs nothing.
    NotSent,
    /// It may or may not have arrived.
    Unknown,
    /// An answer came, whole or in part.
    Answered,
}

impl Error {
    /// Whether the call reached the provider.
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

    /// Whether the provider may have charged for this call although no usable answer came of it.
    ///
    /// True when the call may have arrived and was not answered, when a good answer was lost or
    /// cannot be read, and for the statuses by which a gateway says that it was left without an
    /// answer: 502, 504, and Cloudflare's 520 and 524. What the provider charges for is not documented.
    pub fn may_be_billed(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 502 | 504 | 520 | 524),
            Self::Redirect { .. } | Self::Envelope { .. } | Self::NoAnswer { .. } => false,
            _ => self.sent() != Sent::NotSent,
        }
    }

    /// A stable name of the variant in snake case, fit for logs and metrics.
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
            Self::AmbiguousRecord { .. } => "ambiguous_record",
            Self::Envelope { .. } => "envelope",
        }
    }

    /// The HTTP status, if an answer came and this error knows it.
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

    /// When the provider asks to be called again.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The provider's own words.
    pub fn message(&self) -> Option<&ProviderText> {
        match self {
            Self::Status { message, .. }
            | Self::Envelope { message, .. }
            | Self::WrongShape { message, .. } => message.as_ref(),
            _ => None,
        }
    }

    /// Which body could not be read.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::NotJson { fingerprint, .. }
            | Self::WrongShape { fingerprint, .. }
            | Self::AmbiguousRecord { fingerprint } => Some(*fingerprint),
            _ => None,
        }
    }
}
