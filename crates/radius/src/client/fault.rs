//! Converts the errors of reqwest, and finds out whether a request had been sent.

use std::error::Error as _;
use std::io;

use crate::{Error, Source};

/// Converts the error of a call that got no status line.
pub(super) fn before_answer(error: reqwest::Error) -> Error {
    let (connect, timeout) = (error.is_connect(), error.is_timeout());
    let (builder, unprocessed) = (error.is_builder(), is_unprocessed(&error));
    let source: Source = Box::new(error.without_url());
    match (connect, timeout) {
        _ if builder => Error::Config {
            what: "base_url does not give a valid address",
            source: Some(source),
        },
        // As if no server had listened.
        _ if unprocessed => Error::Connect { source },
        (true, true) => Error::TimeoutConnect { source },
        (true, false) => Error::Connect { source },
        (false, true) => Error::TimeoutAfterSend { source },
        (false, false) => Error::CutAfterSend { source },
    }
}

/// Returns whether an HTTP/2 server reported that it did not process the request: it refused the stream, or sent GOAWAY
/// before it (RFC 9113, section 8.7). By then the client has already sent the request again.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            let gone = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            return error.is_remote() && (refused || gone);
        }
        cause = error.source();
    }
    false
}

/// Converts the error of an answer whose body did not arrive completely.
pub(super) fn in_body(status: u16, error: reqwest::Error) -> Error {
    let (timeout, coding) = (error.is_timeout(), is_coding(&error));
    let source: Source = Box::new(error.without_url());
    if timeout {
        Error::TimeoutInBody { status, source }
    } else if coding {
        Error::Undecodable { status, source }
    } else {
        Error::CutInBody { status, source }
    }
}

/// Returns whether the body is not in the coding that its headers name. Decoders and hyper's reader of chunks report this as
/// an I/O error of one of these kinds (brotli's as `Other`); a broken connection has other kinds.
fn is_coding(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other};

    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return matches!(io.kind(), InvalidData | InvalidInput | Other);
        }
        cause = error.source();
    }
    false
}
