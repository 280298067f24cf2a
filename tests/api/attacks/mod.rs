//! Attacks on the HTTP API. While each runs, other callers are served without an error, and the server's memory does not grow.

mod crowd;
mod forms;
mod frames;
mod guesses;
mod http2;
mod large;
pub(crate) mod raw;
mod siege;
mod slow;
