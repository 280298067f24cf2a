//! Tests of the sandbox over real sockets, with a client that shares no code with it.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod api;
mod arrivals;
mod comeback;
mod faults;
mod images;
mod private_redis;
mod support;
mod traffic;
mod trouble;
