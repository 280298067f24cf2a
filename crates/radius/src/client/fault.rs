//! Hides how reqwest reports faults: which of them came before anything was sent, which after.

use std::error::Error as _;
use std::io;

use crate::{Error, Source};

/// A call that got no status line.
pub(super) fn before_answer(error: reqwest::Error) -> Error {
    let (connect, timeout) = (error.is_connect(), error.is_timeout());
    let (builder, unprocessed) = (error.is_builder(), is_unprocessed(&error));
    let source: Source = Box::new(error.without_url());
    match (connect, timeout) {
        _ if builder => Error::Config {
            what: "base_url makes no valid address",
            source: Some(source),
        },
        // As if nobody had listened.
        _ if unprocessed => Error::Connect { source },
        (true, true) => Error::TimeoutConnect { source },
        (true, false) => Error::Connect { source },
        (false, true) => Error::TimeoutAfterSend { source },
        (false, false) => Error::CutAfterSend { source },
    }
}

/// Whether an HTTP/2 server said that it did not process the request: it refused the stream, or went away before it
/// (RFC 9113, section 8.7). The client has tried again by then.
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

/// An answer whose body did not arrive whole.
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

/// Whether what arrived is not in the coding it claims. Decoders and hyper's reader of chunks say so
/// by an I/O error of one of these kinds (brotli's by `Other`); a socket that breaks has others.
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
